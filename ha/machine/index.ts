export { boot, step, type Step } from './step.js';
export type { Boot } from './state.js';
export { wakeAt } from './wake.js';
export { messageOf, agreementWith, type Agreement } from './peers.js';
export { reconfigure, withoutRemoved, type Reconfigured } from './reconfigure.js';
export { diagram, isAllowed, transitions, type Transition } from './table.js';
export type * from './types.js';
