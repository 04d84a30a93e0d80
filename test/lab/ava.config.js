// `npm run lab -- test`: the proofs, one after the other, for they share one WAN.
export default {
  files: ['dist/test/lab/proofs/*.test.js'],
  timeout: '300s',
  workerThreads: false,
  concurrency: 1,
  sortTestFiles: (one, other) => one.localeCompare(other),
};
