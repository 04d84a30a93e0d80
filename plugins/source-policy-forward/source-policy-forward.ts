/** Chooses the way out by the name and by who asks, so that a client's queries leave by the VPN that carries its traffic, or not at all. */
import { LRUCache } from 'lru-cache';
import type { Address } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { limits } from '../../core/limits.js';
import type { Explanation, PluginContext, PluginInstance } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import { refused } from '../../core/reply.js';
import type { Route } from '../../core/route.js';
import { GroupRoute, upstreamsOf, type GroupStatus } from '../../core/upstream/index.js';
import { ede } from '../../core/wire/layout.js';
import type { Policy } from './compile.js';

const name = 'source-policy-forward';
const refusal = refused(name, ede.prohibited, 'no rule forwards the queries of this client');

export class SourcePolicy implements PluginInstance {
  readonly #policy: Policy;
  readonly #context: PluginContext<DnsBlock>;
  /** The way of whom no rule is for: a dead end, so that no other plugin makes a way. */
  readonly #nowhere: Route;
  /** Every route that this policy gave out. */
  readonly #mine = new WeakSet<Route>();
  /** What the rules on clients say, by client; holds the routes of `identity`, which begin and end here. */
  readonly #byClient = new LRUCache<string, Route>({
    max: limits.policyClients,
    dispose: (route) => this.#isOwn(route) && route.stop(),
  });
  #isRunning = false;

  constructor(policy: Policy, context: PluginContext<DnsBlock>) {
    this.#policy = policy;
    this.#context = context;
    this.#nowhere = { id: 'nowhere', label: 'no rule', at: context.at, upstreams: [], exchange: (_query, callback) => callback(refusal) };
    for (const route of [this.#nowhere, ...policy.fixed]) this.#mine.add(route);
    const { hooks } = context.block;
    hooks.route.tap(name, (query) => this.#routeOf(query));
    hooks.resolve.tap(name, (query, callback) => {
      const { route } = query;
      if (route !== undefined && this.#mine.has(route)) route.exchange(query, callback);
      else callback();
    });
  }

  start(): void {
    this.#isRunning = true;
    for (const route of this.#policy.fixed) route.start(this.#context.host);
  }

  stop(): void {
    this.#isRunning = false;
    for (const route of this.#policy.fixed) route.stop();
    this.#byClient.clear();
  }

  upstreams(): readonly GroupStatus[] {
    return upstreamsOf(this.#context.host).status();
  }

  explain(query: Query): Explanation | undefined {
    const { route } = query;
    if (route === undefined || !this.#mine.has(route)) return undefined;
    if (!(route instanceof GroupRoute)) return { decision: 'refused: no rule is for this client, and there is no default', final: true };
    return { decision: `${route.label}: asks ${route.upstreams.join(', ')}`, final: true, at: route.at, details: route.details };
  }

  #routeOf(query: Query): Route {
    return this.#policy.names.find(query) ?? this.#byClient.get(query.client.address.text) ?? this.#decide(query.client.address);
  }

  #decide(client: Address): Route {
    const { identities, networks, fallback } = this.#policy;
    const route = identities.get(client)?.routeOf(client) ?? networks.get(client) ?? fallback ?? this.#nowhere;
    if (route instanceof GroupRoute && !this.#mine.has(route)) {
      this.#mine.add(route);
      if (this.#isRunning) route.start(this.#context.host, { lazily: true });
    }
    this.#byClient.set(client.text, route);
    return route;
  }

  /** Whether the route begins and ends with its client's entry. */
  #isOwn(route: Route): route is GroupRoute {
    return route instanceof GroupRoute && !this.#policy.fixed.includes(route);
  }
}
