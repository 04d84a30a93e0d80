/** Forwards a domain's queries to a group of upstreams. */
import type { DnsBlock } from '../../core/block.js';
import { isWithin, type Name } from '../../core/name.js';
import type { Explanation, PluginContext, PluginInstance } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import { upstreamsOf, type GroupRoute, type GroupStatus } from '../../core/upstream/index.js';

export class Forward implements PluginInstance {
  readonly from: Name;
  readonly #except: readonly Name[];
  readonly #route: GroupRoute;
  readonly #context: PluginContext<DnsBlock>;
  #closer: readonly Forward[] | undefined;

  constructor(from: Name, except: readonly Name[], route: GroupRoute, context: PluginContext<DnsBlock>) {
    this.from = from;
    this.#except = except;
    this.#route = route;
    this.#context = context;
    const { hooks } = context.block;
    hooks.route.tap('forward', (query) => (this.#serves(query.name) ? route : undefined));
    hooks.resolve.tap('forward', (query, callback) => (query.route === route ? route.exchange(query, callback) : callback()));
  }

  start(): void {
    this.#route.start(this.#context.host);
  }

  stop(): void {
    this.#route.stop();
  }

  upstreams(): readonly GroupStatus[] {
    return upstreamsOf(this.#context.host).status();
  }

  explain(query: Query): Explanation | undefined {
    if (query.route !== this.#route) return undefined;
    return { decision: `asks ${this.#route.upstreams.join(', ')} (${this.#route.label})`, final: true, details: this.#route.details };
  }

  /** Whether the name is in its domain and not excepted. */
  takes(name: Name): boolean {
    return isWithin(name, this.from) && !this.#except.some((zone) => isWithin(name, zone));
  }

  /** Of several in a block the one with the longest domain serves a name, whatever their order. */
  #serves(name: Name): boolean {
    this.#closer ??= this.#siblings().filter(({ from }) => from.length > this.from.length);
    return this.takes(name) && !this.#closer.some((other) => other.takes(name));
  }

  #siblings(): Forward[] {
    const { block, host } = this.#context;
    return host.seats.flatMap((seat) => (seat.block === block && seat.instance instanceof Forward ? seat.instance : []));
  }
}
