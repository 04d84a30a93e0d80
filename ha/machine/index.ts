export { boot, step, type Step } from './step.js';
export type { Boot } from './state.js';
export { wakeAt } from './wake.js';
export { messageOf } from './peers.js';
export { diagram, isAllowed, transitions, type Transition } from './table.js';
export type * from './types.js';
