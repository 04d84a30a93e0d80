/** `npm run test:jail`: vpnjail on this machine, in network namespaces of its own. */
export default {
  files: ['dist/test/jail/linux.test.js'],
  timeout: '180s',
  workerThreads: false,
  concurrency: 1,
};
