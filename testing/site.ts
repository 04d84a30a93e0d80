/** A site of the HA daemon in a test: from the texts of its files, on a clock that a test moves, with drivers that do what a test says. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfiguration } from '../core/configuration.js';
import type { PluginHost } from '../core/host.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin } from '../core/plugin.js';
import { systemRuntime, type Runtime } from '../core/runtime.js';
import { defineHaPlugin, type HaBlock } from '../ha/block.js';
import { createHaHost } from '../ha/host.js';
import { workKinds, type Order, type Outcome, type WorkKind } from '../ha/hooks.js';
import { plugins } from '../ha/plugins/index.js';
import type { Runner } from '../ha/runner.js';
import { TestClock } from './clock.js';

/** `'hang'` ends only when it is aborted. */
export type WorkAnswer = Outcome | 'hang';

/** Sessions and routes that exist in a test alone. */
export class ScriptedDrivers {
  /** VPNs with a session. */
  readonly sessions = new Set<string>();
  /** VPNs with a route, and its token. */
  readonly routes = new Map<string, number>();
  /** Every order, as `dynvpn1 start`. */
  readonly orders: string[] = [];
  /** What is done otherwise than well, by kind of work. */
  readonly answers = new Map<WorkKind, WorkAnswer>();

  /** The directive `scripted`, which does all work but that on leases, and stands for `peers`. */
  get plugin() {
    return defineHaPlugin({
      name: 'scripted',
      setup: (_options, { block }) => {
        block.hooks.seeRoute.tap('scripted', async ({ vpn: { id } }) => ({ ok: this.routes.has(id), reason: 'its route is gone' }));
        // Peers that hear nothing are peers that are away.
        block.hooks.push.tap('scripted', () => undefined);
        for (const kind of workKinds) if (kind !== 'acquireLease') block.hooks.work[kind].tap('scripted', (order) => this.#work(order));
      },
    });
  }

  async #work({ kind, vpn: { id }, token, signal }: Order): Promise<Outcome> {
    this.orders.push(`${id} ${kind}`);
    const answer = this.answers.get(kind);
    if (answer === 'hang') {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return { ok: false, unsure: true, reason: String((signal.reason as Error).message) };
    }
    return answer ?? this.#succeed(kind, id, token);
  }

  #succeed(kind: WorkKind, id: string, token: number): Outcome {
    if (kind === 'start') this.sessions.add(id);
    if (kind === 'stop') this.sessions.delete(id);
    if (kind === 'addRoute') this.routes.set(id, token);
    if (kind === 'removeRoute') this.routes.delete(id);
    return kind === 'probe' || kind === 'check' ? { ok: this.sessions.has(id) } : { ok: true };
  }
}

/** A global file with sites host1, host2 … that share the VPNs with these numbers. */
export function globalYaml({ sites = 2, numbers = [1] } = {}): string {
  const names = Array.from({ length: sites }, (_, i) => `host${i + 1}`);
  return [
    'vpn_anycast_addr_base: 10.0.0.50', 'replica_priority:', ...numbers.map((number) => `  dynvpn${number}: [${names.join(', ')}]`), 'sites:',
    ...names.flatMap((name, i) => [
      `  ${name}:`, `    peer_addr: 127.0.0.${i + 1}`, '    peer_port: 5000', `    gateway_addr: 192.168.${i + 1}.1`,
      `    vpn_local_addr_base: 192.168.${i + 1}.50`, `    vpn: [${numbers.join(', ')}]`,
    ]), '',
  ].join('\n');
}

export interface TestSiteOptions {
  /** The Dynvpnfile; `STATE` in it is the state directory. */
  readonly text?: string;
  readonly global?: string;
  readonly local?: string;
  /** A directory from an earlier life of the site. */
  readonly directory?: string;
  readonly plugins?: readonly AnyPlugin[];
  readonly runtime?: Partial<Runtime>;
}

export class TestSite {
  readonly directory: string;
  readonly clock: TestClock;
  readonly drivers = new ScriptedDrivers();
  readonly metrics = new Metrics();
  readonly log: string[] = [];
  readonly host: PluginHost<HaBlock>;
  text: string;

  constructor(directory: string, options: TestSiteOptions) {
    this.directory = directory;
    this.clock = new TestClock();
    this.text = options.text ?? 'host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nscripted\n}\n';
    const runtime: Runtime = { ...systemRuntime(), clock: this.clock, env: {}, ...options.runtime };
    const all: AnyPlugin[] = [...plugins, ...(options.plugins ?? []), this.drivers.plugin];
    this.host = createHaHost({
      name: 'dynvpn', version: 'test', runtime, metrics: this.metrics,
      log: createLogger((line) => this.log.push(line.slice(line.indexOf('[')).trimEnd()), runtime.clock),
      read: () => readConfiguration(all, { file: join(directory, 'Dynvpnfile'), text: this.text.replaceAll('STATE', join(directory, 'state')), env: {} }),
    });
  }

  /** The only block, or the first. */
  get runner(): Runner {
    return (this.host.current!.blocks[0] as HaBlock).runner;
  }

  /** `dynvpn1` and so on: their statuses. */
  get statuses(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.runner.state.vpns.map(({ id, status }) => [id, status]));
  }

  /** Lets time pass, a little at a time, and each time what was begun come to its end. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await settled();
    }
  }

  /** Sets the configuration up, and returns what does a piece of work on its first VPN, with real commands in real time. */
  async worker(): Promise<(what: WorkKind | 'seeRoute', more?: Partial<Order>) => Promise<Outcome>> {
    const [block] = (await this.host.check()).blocks as HaBlock[];
    const { settings, hooks } = block!;
    return (what, more = {}) => {
      const [vpn] = settings.vpns;
      const kind = what === 'seeRoute' ? 'check' : what;
      const rest = { token: 0, route: false, deadline: Infinity, signal: new AbortController().signal };
      const order: Order = { kind, vpn: vpn!, settings, outputFile: join(this.directory, 'output'), ...rest, ...more };
      const hook = what === 'seeRoute' ? hooks.seeRoute : hooks.work[what];
      return hook.call(order) ?? Promise.reject(new Error(`nothing does ${what}`));
    };
  }

  /** Stops; time passes for as long as that takes. */
  async stop(): Promise<void> {
    let stopped = false;
    const stop = this.host.stop().finally(() => (stopped = true));
    while (!stopped) await this.pass(1000, 1000);
    return stop;
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.directory, file), text);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }

  /** Writes a shell script into a directory of the site's. */
  async script(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.directory, file)), { recursive: true });
    await writeFile(join(this.directory, file), `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  }
}

/** Lets promises that wait for nothing but their turn be fulfilled. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The part of a test that ends what was begun. */
interface Teardown {
  teardown(end: () => unknown): void;
}

/** Writes a site's files, in a directory that goes with the test; nothing is started. */
export async function createTestSite(t: Teardown, options: TestSiteOptions = {}): Promise<TestSite> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'dynvpn-')));
  await writeFile(join(directory, 'global.yml'), options.global ?? globalYaml());
  await writeFile(join(directory, 'local.yml'), options.local ?? 'site_id: host1\nreplica_mode: Auto\n');
  const site = new TestSite(directory, options);
  t.teardown(async () => {
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return site;
}
