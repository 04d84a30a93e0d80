/** What must be so before anything is changed. */
import { OperationalError } from '../../core/errors.js';
import { programsOf, type Step } from '../plan/step.js';
import { packageOf } from './packages.js';

/** The machine on which a plan is to be carried out. */
export interface Machine {
  readonly platform: string;
  readonly isRoot: boolean;
  /** Whether there is such a program: a name in PATH, or a path. */
  has(program: string): boolean;
}

/** Throws an OperationalError that says all that is missing. @param platform for which the steps were planned */
export function checkMachine(steps: readonly Step[], platform: string, machine: Machine): void {
  if (machine.platform !== platform) throw new OperationalError(`this plan is for ${platform}, and this machine runs ${machine.platform}`);
  if (!machine.isRoot) throw new OperationalError('that takes root: interfaces, rules and routes are changed');
  const missing = programsOf(steps).filter((program) => !machine.has(program));
  if (missing.length === 0) return;
  const lines = missing.map((program) => `${program} is missing${inPackage(packageOf.get(program))}`);
  const packages = [...new Set(missing.flatMap((program) => packageOf.get(program) ?? []))].sort();
  throw new OperationalError([...lines, ...(packages.length === 0 ? [] : [`apt-get install --no-install-recommends ${packages.join(' ')}`])].join('\n'));
}

const inPackage = (name: string | undefined): string => (name === undefined ? '' : `; Debian has it in ${name}`);
