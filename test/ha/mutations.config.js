/** `npm run test:mutations`: each rule of the machine, broken on purpose. */
export default {
  files: ['dist/ha/sim/mutations.test.js'],
  timeout: '120s',
  workerThreads: false,
};
