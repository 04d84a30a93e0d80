/** What is simulated. */
import type { boot, messageOf, reconfigure, step, wakeAt } from '../machine/index.js';

/** The functions under test; a broken copy may take their place. */
export interface Machine {
  readonly boot: typeof boot;
  readonly step: typeof step;
  readonly wakeAt: typeof wakeAt;
  readonly messageOf: typeof messageOf;
  readonly reconfigure: typeof reconfigure;
}
