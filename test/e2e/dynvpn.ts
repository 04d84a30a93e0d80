/** The HA daemon as its users run it: a process, its files, sessions that are processes too. */
import type { ExecutionContext } from 'ava';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directoryOf, Running } from './process.js';

const command = fileURLToPath(new URL('../../ha/dynvpn.js', import.meta.url));

/** A session is a `sleep` in the background, a route a file. Every call is noted. */
export const scripts: Readonly<Record<string, string>> = {
  'check-pid.sh': 'kill -0 "$(cat "$3/$1.pid")"',
  'vpn-check-online.sh': 'kill -0 "$(cat "$DIR/$3.pid")"',
  'vpn-set-online.sh': 'echo "session of $1"; sleep 1000 & echo $! > "$3/$1.pid"',
  'vpn-set-offline.sh': '[ ! -e "$3/$1.pid" ] || kill "$(cat "$3/$1.pid")"; rm -f "$3/$1.pid"',
  'add-vpn-route.sh': 'echo "$2" > "$DIR/$1.route"',
  'delete-vpn-route.sh': 'rm -f "$DIR/$1.route"',
};

/** The files of a site, alone in its WAN, with one VPN. */
export class SiteFiles {
  readonly directory: string;

  constructor(t: ExecutionContext) {
    this.directory = directoryOf(t);
    const site = { peer_addr: '127.0.0.1', peer_port: 5000, gateway_addr: '192.0.2.1', vpn_local_addr_base: '127.0.0.0', vpn: [1] };
    // JSON is YAML.
    this.write('global.yml', JSON.stringify({ replica_priority: { dynvpn1: ['host1'] }, vpn_anycast_addr_base: '198.51.100.0', sites: { host1: site } }));
    this.write('local.yml', JSON.stringify({
      replica_mode: 'Auto', local_vpn_dir: this.directory, pull_timeout: 0.1, pull_retries: 0,
      local_vpn_check_interval: 0.2, online_check_delay: 0.1, default_timeout: 10,
    }));
    this.write('Dynvpnfile', 'host1 {\n  config global.yml local.yml {\n    state state\n  }\n  vpn-script scripts\n  errors\n  log\n}\n');
    mkdirSync(join(this.directory, 'scripts'));
    for (const [name, text] of Object.entries(scripts)) this.script(name, text);
    t.teardown(() => {
      if (this.session !== undefined) process.kill(this.session, 'SIGKILL');
    });
  }

  /** The process id of the session, as long as there is one. */
  get session(): number | undefined {
    if (!this.has('dynvpn1.pid')) return undefined;
    const pid = Number(this.read('dynvpn1.pid'));
    try {
      process.kill(pid, 0);
      return pid;
    } catch {
      return undefined;
    }
  }

  has = (file: string): boolean => existsSync(join(this.directory, file));
  read = (file: string): string => readFileSync(join(this.directory, file), 'utf8');
  write = (file: string, text: string): void => writeFileSync(join(this.directory, file), text);

  /** How often a script was run. */
  calls = (script: string): number => (this.has('calls') ? this.read('calls').split('\n').filter((line) => line === script).length : 0);

  script(name: string, text: string): void {
    const path = join('scripts', name);
    this.write(path, `#!/bin/sh\nDIR='${this.directory}'\necho ${name} >> "$DIR/calls"\n${text}\n`);
    chmodSync(join(this.directory, path), 0o700);
  }
}

/** Starts a daemon on these files. */
export async function startDynvpn(t: ExecutionContext, { directory }: SiteFiles): Promise<Running> {
  const daemon = new Running(t, process.execPath, [command, '--conf', join(directory, 'Dynvpnfile')]);
  await daemon.prints(/ is ready/);
  return daemon;
}
