/** The file of one site: which it is, and how it does its work. */
import { dirname, resolve } from 'node:path';
import type { Findings, Yaml, YamlText } from '../../../core/yaml.js';
import type { Settings } from '../../settings.js';
import { Fields } from './fields.js';

export interface Local {
  /** What `site_id` says. */
  readonly id: YamlText | undefined;
  /** What it says about this site alone. */
  readonly settings: Omit<Settings, 'site' | 'sites' | 'vpns' | 'priorities' | 'stateDirectory'>;
}

const keys = [
  'site_id', 'script_path', 'local_vpn_dir', 'replica_mode', 'failed_status_timeout', 'failure_retries', 'online_check_delay', 'pull_interval',
  'pull_timeout', 'pull_retries', 'local_vpn_check_interval', 'local_vpn_check_timeout', 'local_vpn_check_retries', 'default_timeout',
] as const;

const older = 'is of an older dynvpn and has no effect';
const planned = 'never had an effect';

/** Reads the tree; every mistake and warning goes to `findings`. */
export function readLocal(tree: Yaml, findings: Findings): Local {
  const file = new Fields(tree, 'the local file', keys, findings, {
    timers: older, vpn: older, start_delay: older, failed_retry_timeout: planned, primary_override_online: planned, primary_restart_timer: planned,
  });
  const scripts = file.text('script_path');
  const retries = file.number('failure_retries', 2, { min: -1, max: 1000 });
  return {
    id: file.text('site_id'),
    settings: {
      scripts: scripts && { path: resolve(dirname(scripts.at.file), scripts.text), at: scripts.at },
      vpnDirectory: file.text('local_vpn_dir')?.text ?? '',
      replicaMode: file.oneOf('replica_mode', ['Auto', 'Manual', 'Disabled'], 'Manual'),
      failedStatusMs: file.seconds('failed_status_timeout', 0),
      // -1 is without end.
      failureRetries: retries === -1 ? Infinity : retries,
      onlineCheckDelayMs: file.seconds('online_check_delay', 2),
      pull: {
        intervalMs: file.seconds('pull_interval', 30, 0.1),
        timeoutMs: file.seconds('pull_timeout', 10, 0.1),
        retries: file.number('pull_retries', 2, { max: 100 }),
      },
      checkIntervalMs: file.seconds('local_vpn_check_interval', 10, 0.1),
      checkTimeoutSeconds: file.number('local_vpn_check_timeout', 3, { min: 1, max: 3600 }),
      checkRetries: file.number('local_vpn_check_retries', 1, { max: 100 }),
      defaultTimeoutMs: file.seconds('default_timeout', 30, 0.1),
    },
  };
}
