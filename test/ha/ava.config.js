/** `npm run test:ha`: what needs a real etcd, and what measures. */
export default {
  files: ['dist/test/ha/etcd.test.js', 'dist/test/ha/failover.test.js'],
  timeout: '120s',
  workerThreads: false,
  concurrency: 1,
};
