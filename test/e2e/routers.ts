/** Routers of a test: network namespaces, wires between them, and daemons in them. They go with the test. */
import type { ExecutionContext } from 'ava';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { until } from './process.js';

/** npm puts programs of packages first, one called nft among them. */
const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Runs a program of the system to its end; throws when it fails. */
export const call = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });


export class Router {
  readonly namespace: string;

  constructor(t: ExecutionContext, name: string) {
    // Other tests have namespaces at the same time.
    this.namespace = `vpncore-test-${randomUUID().slice(0, 8)}-${name}`;
    call('ip', 'netns', 'add', this.namespace);
    t.teardown(() => this.#end());
    this.ip('link', 'set', 'lo', 'up');
    this.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }

  /** `ip` in this namespace. */
  ip(...args: readonly string[]): string {
    return call('ip', '-n', this.namespace, ...args);
  }

  run(...command: readonly string[]): string {
    return call('ip', 'netns', 'exec', this.namespace, ...command);
  }

  /** Starts a daemon that stays; what it says goes to a file. */
  start(log: string, ...command: readonly string[]): void {
    // The shell in between ends at once; the daemon is its own session.
    this.run('sh', '-c', 'log=$1; shift; exec setsid -f "$@" >"$log" 2>&1 </dev/null', 'sh', log, ...command);
  }

  /** By which interface packets to an address leave: its name, or undefined when there is no route. */
  wayTo(address: string): string | undefined {
    try {
      return / dev (\S+)/.exec(this.ip('route', 'get', address))?.[1];
    } catch {
      return undefined;
    }
  }

  /** Waits until packets to an address leave by an interface. Two hold times and what TCP waits between tries are no failure. */
  takes(address: string, way: string | undefined): Promise<void> {
    return until(() => this.wayTo(address) === way, () => `${address} by ${way ?? 'no way'}; it goes by ${this.wayTo(address) ?? 'none'}`, 45_000);
  }

  async #end(): Promise<void> {
    const processes = (): number[] => call('ip', 'netns', 'pids', this.namespace).split('\n').filter((line) => line !== '').map(Number);
    for (const each of processes()) process.kill(each, 'SIGKILL');
    await until(() => processes().length === 0, () => `the end of all that ran in ${this.namespace}`);
    call('ip', 'netns', 'delete', this.namespace);
  }
}

/** A wire between two routers, with an address at each end. */
export function join(one: Router, other: Router, ends: { readonly names: readonly [string, string]; readonly addresses: readonly [string, string] }): void {
  const [name, otherName] = ends.names;
  one.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', otherName, 'netns', other.namespace);
  for (const [router, i] of [[one, 0], [other, 1]] as const) {
    router.ip('address', 'add', ends.addresses[i], 'dev', ends.names[i]);
    router.ip('link', 'set', ends.names[i], 'up');
  }
}
