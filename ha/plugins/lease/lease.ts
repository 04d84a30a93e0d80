/** Being Online is bound to a lease: what the block's hooks ask of the keeper, and what outlives a reload. */
import { readFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../../core/errors.js';
import type { Closable } from '../../../core/keep.js';
import type { Count } from '../../../core/metrics.js';
import type { PluginContext, PluginInstance } from '../../../core/plugin.js';
import type { SecretFile } from '../../../core/secret.js';
import type { HaBlock } from '../../block.js';
import { Etcd, type EtcdOptions } from '../../etcd/etcd.js';
import { GuardClient, type GuardClientOptions } from '../../guard/client.js';
import { spawnGuard } from '../../guard/process.js';
import type { Plan } from '../../guard/protocol.js';
import type { Ending, LeaseOrder, Order, Outcome, Renewal } from '../../hooks.js';
import { LeaseKeeper, type KeeperOptions } from './keeper.js';

export interface LeaseOptions {
  readonly urls: readonly URL[];
  readonly ttlSeconds: number;
  readonly stopBudgetMs: number;
  /** For one call to one endpoint. */
  readonly timeoutMs: number;
  readonly prefix: string;
  readonly ca: string | undefined;
  readonly identity: { readonly cert: string; readonly key: SecretFile } | undefined;
}

/** The kernel takes no longer path for a socket (108 octets, the last of them 0). */
const socketPathMax = 107;

/** A site's leases and its guard: they outlive a reload. */
class Tenure implements Closable {
  readonly guard: GuardClient;
  keeper: LeaseKeeper | undefined;
  #started: Promise<readonly string[]> | undefined;

  constructor(options: Omit<GuardClientOptions, 'onActing' | 'spawn'>) {
    const { log, path } = options;
    this.guard = new GuardClient({
      ...options,
      spawn: () => spawnGuard(path, (line) => log.error(line)),
      onActing: (vpn) => {
        log.error(`${vpn}: the guard was not fed in time, and ends it`);
        this.keeper?.lose(vpn);
      },
    });
  }

  /** The VPNs that the guard already watches. */
  start(): Promise<readonly string[]> {
    return (this.#started ??= this.guard.start());
  }

  close(): void {
    this.keeper?.close();
    this.guard.close();
  }
}

export class LeasePlugin implements PluginInstance {
  readonly #options: LeaseOptions;
  readonly #context: PluginContext<HaBlock>;
  readonly #path: string;
  readonly #renewals: (result: 'ok' | 'lost' | 'unknown') => Count;
  #tenure: Tenure | undefined;

  constructor(options: LeaseOptions, context: PluginContext<HaBlock>) {
    const { block, host: { metrics } } = context;
    this.#options = options;
    this.#context = context;
    const { settings: { stateDirectory }, label } = block;
    const ttlMs = options.ttlSeconds * 1000;
    if (options.stopBudgetMs * 2 >= ttlMs) throw context.mistake(`stop_budget must be less than half of ttl (${ttlMs / 2} ms)`);
    this.#path = join(stateDirectory, `${label}.guard`);
    if (Buffer.byteLength(this.#path) > socketPathMax) throw context.mistake(`${this.#path} is too long for a socket; at most ${socketPathMax} bytes`);
    block.lease = { ttlMs, stopBudgetMs: options.stopBudgetMs };
    const renewals = metrics.counter('lease_renewals_total', 'Renewals of leases; unknown: etcd gave no answer in time.', ['result']);
    this.#renewals = (result) => renewals.child({ result });
    block.hooks.refuse.tap('lease', (order) => this.#refuse(order));
    block.hooks.work.acquireLease.tap('lease', (order) => this.#acquire(order));
    block.hooks.renewLease.tap('lease', (order) => this.#renew(order));
    block.hooks.releaseLease.tap('lease', ({ vpn, token }) => this.#keeper.release(vpn.id, token));
  }

  async start(): Promise<void> {
    const { block: { label, settings }, host, log } = this.#context;
    const { runtime, clock } = host;
    await mkdir(settings.stateDirectory, { recursive: true, mode: 0o700 });
    const tenure = host.keep(`lease ${this.#path}`, () => new Tenure({ path: this.#path, runtime, log }));
    this.#tenure = tenure;
    const { prefix, ttlSeconds, stopBudgetMs } = this.#options;
    const options: KeeperOptions = {
      site: label, etcd: new Etcd(await this.#etcdOptions()), guard: tenure.guard, clock, log, prefix, ttlSeconds, stopBudgetMs,
      planOf: (vpn) => this.#planOf(vpn),
    };
    const watching = await tenure.start();
    const isFirst = tenure.keeper === undefined;
    const keeper = (tenure.keeper ??= new LeaseKeeper(options));
    host.onSwap(() => keeper.configure(options));
    // The session of the daemon before us may still run.
    if (isFirst) for (const { id } of settings.vpns) if (watching.includes(id)) void keeper.bridge(id);
  }

  unready(): string | undefined {
    return this.#tenure?.guard.isReady === true ? undefined : 'there is no guard';
  }

  get #keeper(): LeaseKeeper {
    return this.#tenure!.keeper!;
  }

  /** What needs the lease is not begun when its end is near: we may have been stopped since it was decided. */
  #refuse({ kind, vpn }: Order): Outcome | undefined {
    const isFree = kind !== 'start' && kind !== 'addRoute';
    return isFree || this.#keeper.isSafe(vpn.id) ? undefined : { ok: false, reason: 'its lease is at its end' };
  }

  async #acquire({ vpn, deadline, signal }: Order): Promise<Outcome> {
    try {
      const acquired = await this.#keeper.acquire(vpn.id, deadline, signal);
      return 'lease' in acquired ? { ok: true, lease: acquired.lease } : { ok: false, reason: acquired.refused };
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  }

  async #renew({ vpn, token }: LeaseOrder): Promise<Renewal> {
    const renewed = await this.#keeper.renew(vpn.id, token);
    this.#renewals(renewed === undefined ? 'unknown' : 'lost' in renewed ? 'lost' : 'ok').inc();
    return renewed;
  }

  #planOf(id: string): Plan {
    const { block: { hooks, settings } } = this.#context;
    const vpn = settings.vpns.find((each) => each.id === id);
    const ending = (what: 'route' | 'session'): Ending => (vpn && hooks.ending[what].call({ vpn, settings, token: 0 })) ?? { commands: [] };
    return { route: ending('route'), session: ending('session'), timeoutMs: this.#options.stopBudgetMs };
  }

  async #etcdOptions(): Promise<EtcdOptions> {
    const { urls, timeoutMs, ca, identity } = this.#options;
    const { runtime } = this.#context.host;
    try {
      const tls = {
        ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
        ...(identity !== undefined && { cert: await readFile(identity.cert, 'utf8'), key: await identity.key.read() }),
      };
      return { urls, runtime, timeoutMs, tls };
    } catch (error) {
      throw new OperationalError(messageOf(error));
    }
  }
}
