export { boot, step, wakeAt, type Boot, type Step } from './step.js';
export { messageOf } from './peers.js';
export { isAllowed, transitions, type Transition } from './table.js';
export type * from './types.js';
