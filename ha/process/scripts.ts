/** The scripts of the earlier daemon, and the arguments that each gets. */
import { join } from 'node:path';
import type { Ending, Target, WorkKind } from '../hooks.js';
import { whyNotExecutable } from './driver.js';

interface Script {
  readonly name: string;
  arguments(target: Target): readonly string[];
}

const container = ({ vpn, settings }: Target): string[] => [vpn.id, vpn.local.text, settings.vpnDirectory];

/** By the work that it does. */
const scripts = {
  probe: { name: 'check-pid.sh', arguments: container },
  start: { name: 'vpn-set-online.sh', arguments: (target) => [...container(target), target.settings.site.id, target.settings.site.gateway.text] },
  stop: { name: 'vpn-set-offline.sh', arguments: container },
  check: { name: 'vpn-check-online.sh', arguments: ({ vpn, settings }) => [vpn.local.text, String(settings.checkTimeoutSeconds), vpn.id] },
  addRoute: { name: 'add-vpn-route.sh', arguments: ({ vpn, settings }) => [vpn.anycast.text, settings.site.gateway.text] },
  removeRoute: { name: 'delete-vpn-route.sh', arguments: ({ vpn }) => [vpn.anycast.text] },
} as const satisfies Partial<Record<WorkKind, Script>>;

export type ScriptedKind = keyof typeof scripts;
export const scriptedKinds = Object.keys(scripts) as ScriptedKind[];

/** The command line of a script. */
export const scriptLine = (directory: string, kind: ScriptedKind, target: Target): string[] =>
  [join(directory, scripts[kind].name), ...scripts[kind].arguments(target)];

/** Why the scripts of a directory can't do this work; empty when they can. */
export const scriptProblems = (directory: string, kinds: readonly ScriptedKind[]): string[] =>
  kinds.flatMap((kind) => whyNotExecutable(join(directory, scripts[kind].name), undefined) ?? []);

/** How the session is ended by its scripts: `check-pid.sh` says whether it is still there. */
export const scriptedEnding = (directory: string, target: Target): Ending => ({
  commands: [scriptLine(directory, 'stop', target)],
  still: { command: scriptLine(directory, 'probe', target), pattern: '', absenceFails: true },
});
