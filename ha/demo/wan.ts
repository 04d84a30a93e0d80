/**
 * A small WAN on one host: for each site a directory with its configuration and its scripts, and a daemon in a process of its own. A session is
 * a process that sleeps, a route is a file, and everything that is done to either is written down with the time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface WanOptions {
  /** An empty directory. */
  readonly directory: string;
  readonly sites: readonly WanSite[];
  /** Their numbers. */
  readonly vpns: readonly number[];
  /** The lines of a site's block, besides `config`, `vpn-script` and `http-api`. */
  directives(site: WanSite): string;
  /** Lines of the local file that differ from the fast ones below. */
  readonly local?: Readonly<Record<string, string | number>>;
}

export interface WanSite {
  readonly name: string;
  /** Where the daemon listens for its peers, and for its administrator. */
  readonly port: number;
  readonly apiPort: number;
}

/** A line of the log: the route was put there or taken away, the session started or stopped. */
export interface Deed {
  /** Seconds of the host's clock. */
  readonly at: number;
  readonly what: 'route' | 'unroute' | 'start' | 'stop';
  readonly site: string;
  readonly vpn: string;
}

/** A profile that notices within a second. */
const fast: Readonly<Record<string, string | number>> = {
  replica_mode: 'Auto', failure_retries: 0, online_check_delay: 0.2, local_vpn_check_interval: 1, local_vpn_check_timeout: 1, local_vpn_check_retries: 0,
  pull_interval: 1, pull_timeout: 1, pull_retries: 1, default_timeout: 5,
};

/** Looks for guards that are still there, 50 ms apart; they are given longer than any lease of a test. */
const guardLooksMax = 600;

const anycast = (vpn: number): string => `198.51.100.${vpn}`;

export class Wan {
  readonly options: WanOptions;
  readonly #daemons = new Map<string, ChildProcess>();

  private constructor(options: WanOptions) {
    this.options = options;
  }

  /** Writes everything down; nothing runs yet. */
  static async create(options: WanOptions): Promise<Wan> {
    const wan = new Wan(options);
    await writeFile(join(options.directory, 'global.yml'), globalFile(options));
    for (const site of options.sites) await wan.#createSite(site);
    return wan;
  }

  /** The URL of a site's administrator. */
  urlOf(site: string): string {
    return `http://127.0.0.1:${this.#site(site).apiPort}`;
  }

  /** Starts a daemon. What it says goes to `daemon.log` in its directory. */
  start(site: string): ChildProcess {
    const directory = join(this.options.directory, site);
    const program = fileURLToPath(new URL('../dynvpn.js', import.meta.url));
    const script = 'exec "$0" "$@" >> daemon.log 2>&1';
    const daemon = spawn('sh', ['-c', script, process.execPath, program, '--conf', 'Dynvpnfile'], { cwd: directory, stdio: 'ignore' });
    this.#daemons.set(site, daemon);
    return daemon;
  }

  /** Sends a daemon a signal: SIGKILL, SIGSTOP, SIGCONT, SIGTERM. */
  signal(site: string, signal: NodeJS.Signals): void {
    this.#daemons.get(site)?.kill(signal);
  }

  isRunning(site: string): boolean {
    const daemon = this.#daemons.get(site);
    return daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null;
  }

  /** Ends the process of a session, as if the provider had. */
  killSession(site: string, vpn: number): void {
    const file = this.#file(site, `dynvpn${vpn}.pid`);
    try {
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    } catch {
      // There is none.
    }
    // Whoever inherits the process may let its remains lie for a while.
    rmSync(file, { force: true });
  }

  /** The host of a site is gone: its daemon, its sessions and its routes. */
  powerOff(site: string): void {
    this.signal(site, 'SIGKILL');
    for (const vpn of this.options.vpns) {
      this.killSession(site, vpn);
      rmSync(this.#file(site, anycast(vpn)), { force: true });
    }
  }

  /** The connectivity of a session breaks, or comes back. */
  async setBroken(site: string, vpn: number, broken: boolean): Promise<void> {
    await writeFile(this.#file(site, `dynvpn${vpn}.broken`), broken ? 'broken' : '');
  }

  hasRoute(site: string, vpn: number): boolean {
    return existsSync(this.#file(site, anycast(vpn)));
  }

  hasSession(site: string, vpn: number): boolean {
    try {
      return process.kill(Number(readFileSync(this.#file(site, `dynvpn${vpn}.pid`), 'utf8')), 0);
    } catch {
      return false;
    }
  }

  /** The sites at which clients of a VPN are served: the route is there, and behind it a session that works. */
  serving(vpn: number): string[] {
    return this.options.sites.map(({ name }) => name).filter((site) => this.hasRoute(site, vpn) && this.hasSession(site, vpn) && !this.#isBroken(site, vpn));
  }

  /** What was done, in its order. */
  deeds(): Deed[] {
    const path = join(this.options.directory, 'deeds.log');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8').trim().split('\n').map((line): Deed => {
      const [at = '', what = '', site = '', about = ''] = line.split(' ');
      return { at: Number(at), what: what as Deed['what'], site, vpn: about.replace(/^198\.51\.100\./, 'dynvpn') };
    });
  }

  /** What a daemon has said. */
  logOf(site: string): string {
    const path = join(this.options.directory, site, 'daemon.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Ends every daemon and every session. Guards end by themselves, when there is nothing left to guard. */
  async stop(): Promise<void> {
    for (const [site, daemon] of this.#daemons) {
      if (!this.isRunning(site)) continue;
      const ended = once(daemon, 'exit');
      daemon.kill('SIGKILL');
      await ended;
    }
    const guards = this.options.sites.map(({ name }) => this.#file(name, `${name}.guard`));
    for (let looks = 0; looks < guardLooksMax && guards.some((guard) => existsSync(guard)); looks++) await sleep(50);
    for (const { name } of this.options.sites) for (const vpn of this.options.vpns) this.killSession(name, vpn);
  }

  #isBroken(site: string, vpn: number): boolean {
    const path = this.#file(site, `dynvpn${vpn}.broken`);
    return existsSync(path) && readFileSync(path, 'utf8') !== '';
  }

  #site(name: string): WanSite {
    return this.options.sites.find((site) => site.name === name)!;
  }

  #file(site: string, name: string): string {
    return join(this.options.directory, site, 'state', name);
  }

  async #createSite(site: WanSite): Promise<void> {
    const directory = join(this.options.directory, site.name);
    const scripts = join(directory, 'scripts');
    await mkdir(scripts, { recursive: true });
    await mkdir(join(directory, 'state'));
    const local = { site_id: site.name, script_path: './scripts', local_vpn_dir: '/', ...fast, ...this.options.local };
    await writeFile(join(directory, 'local.yml'), Object.entries(local).map(([key, value]) => `${key}: ${value}\n`).join(''));
    await writeFile(join(directory, 'Dynvpnfile'), [
      `${site.name} {`, '  config ../global.yml local.yml {', '    state ./state', '  }', '  vpn-script', `  http-api 127.0.0.1:${site.apiPort}`,
      this.options.directives(site), '}', '',
    ].join('\n'));
    const log = join(this.options.directory, 'deeds.log');
    for (const [name, body] of Object.entries(scriptsOf(site.name, join(directory, 'state'), log))) {
      await writeFile(join(scripts, name), body, { mode: 0o755 });
    }
  }
}

function globalFile({ sites, vpns }: WanOptions): string {
  const priorities = vpns.map((vpn, i) => {
    const first = i % sites.length;
    return `  dynvpn${vpn}: [${[...sites.slice(first), ...sites.slice(0, first)].map(({ name }) => name).join(', ')}]`;
  });
  const entries = sites.map(({ name, port }, i) => [
    `  ${name}:`, "    peer_addr: '127.0.0.1'", `    peer_port: ${port}`, `    gateway_addr: '192.0.2.${i + 1}'`, `    vpn_local_addr_base: '10.0.${i}.0'`,
    `    vpn: [${vpns.join(', ')}]`,
  ].join('\n'));
  return ["vpn_anycast_addr_base: '198.51.100.0'", 'replica_priority:', ...priorities, 'sites:', ...entries, ''].join('\n');
}

/** The scripts of a site. What a route's log says holds for longer than the route: it is written before the one and after the other. */
function scriptsOf(site: string, state: string, log: string): Readonly<Record<string, string>> {
  const script = (...lines: readonly string[]): string => ['#!/bin/sh', `cd '${state}' || exit 1`, noteOf(site, log), ...lines, ''].join('\n');
  const runs = 'runs() { test -s "$1.pid" && kill -0 "$(cat "$1.pid")" 2>/dev/null; }';
  return {
    'check-pid.sh': script(runs, 'runs "$1"'),
    'vpn-check-online.sh': script(runs, 'runs "$3" && ! test -s "$3.broken"'),
    'vpn-set-online.sh': script(runs, 'runs "$1" && exit 0', 'note start "$1"', 'sleep 86400 &', 'echo $! > "$1.pid"'),
    'vpn-set-offline.sh': script(runs, 'runs "$1" && kill -9 "$(cat "$1.pid")"', 'rm -f "$1.pid"', 'note stop "$1"'),
    'add-vpn-route.sh': script('note route "$1"', 'echo "$2" > "$1"'),
    'delete-vpn-route.sh': script('rm -f "$1"', 'note unroute "$1"'),
  };
}

/** A clock that all processes share and that does not jump, where there is one. */
const noteOf = (site: string, log: string): string =>
  `note() { if test -r /proc/uptime; then read -r now _ < /proc/uptime; else now=$(date +%s); fi; echo "$now $1 ${site} $2" >> '${log}'; }`;
