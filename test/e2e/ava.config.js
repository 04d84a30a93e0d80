// `npm run e2e`: real processes and sockets. One file at a time, for some measure nothing but whether an answer gets lost.
export default {
  files: ['dist/test/e2e/**/*.test.js'],
  timeout: '120s',
  workerThreads: false,
  concurrency: 1,
};
