/** `npm run test:ha`: what needs a real etcd. */
export default {
  files: ['dist/test/ha/etcd.test.js'],
  timeout: '120s',
  workerThreads: false,
  concurrency: 1,
};
