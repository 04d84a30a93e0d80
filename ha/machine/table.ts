/** The table of transitions: the one place that says which are allowed, and when each happens. The diagram in `ha/README.md` is made from it. */
import type { Status } from './types.js';

export interface Transition {
  readonly from: Status;
  readonly to: Status;
  readonly when: string;
}

export const transitions: readonly Transition[] = [
  { from: 'Pending', to: 'Online', when: 'its session is proven and its route is in place' },
  { from: 'Pending', to: 'Replica', when: 'somebody else has it, or it is not our turn' },
  { from: 'Pending', to: 'Failed', when: 'its retries are used up' },
  { from: 'Pending', to: 'Offline', when: 'an administrator says so, or nothing makes it a replica' },
  { from: 'Online', to: 'Pending', when: 'a check failed: its session is restarted' },
  { from: 'Online', to: 'Failed', when: 'it failed and is not to be restarted' },
  { from: 'Online', to: 'Replica', when: 'it yields to another site' },
  { from: 'Online', to: 'Offline', when: 'an administrator says so' },
  { from: 'Replica', to: 'Pending', when: 'it takes over' },
  { from: 'Replica', to: 'Offline', when: 'an administrator says so' },
  { from: 'Failed', to: 'Pending', when: 'nobody else can, and its pause is over' },
  { from: 'Failed', to: 'Replica', when: 'another site has been Online for the failed status time-out' },
  { from: 'Failed', to: 'Offline', when: 'an administrator says so, or the time-out ends and it is no replica by itself' },
  { from: 'Offline', to: 'Pending', when: 'an administrator sets it online' },
  { from: 'Offline', to: 'Replica', when: 'an administrator says so' },
];

const allowed = new Set(transitions.map(({ from, to }) => `${from} ${to}`));

export const isAllowed = (from: Status, to: Status): boolean => allowed.has(`${from} ${to}`);

/** The table as a Mermaid state diagram. */
export const diagram = (): string => [
  'stateDiagram-v2', '    [*] --> Pending: the site starts', ...transitions.map(({ from, to, when }) => `    ${from} --> ${to}: ${when.replaceAll(':', ',')}`),
].join('\n');
