/** From what the Corefile says to the routes it means; opens nothing. */
import { CidrMap, type Address, type Cidr, type Endpoint } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { allOf, mistake } from '../../core/corefile/mistakes.js';
import { quote, suggestion } from '../../core/corefile/wording.js';
import { at as textOfPosition, type Position } from '../../core/errors.js';
import { textOfName, type Name } from '../../core/name.js';
import type { PluginContext } from '../../core/plugin.js';
import type { ValuesOf } from '../../core/properties.js';
import { groupOptions, GroupRoute, tooMany, type GroupSettings } from '../../core/upstream/index.js';
import type { properties } from './index.js';
import { NameRules, type NameRule } from './rules.js';
import type { Target } from './targets.js';

type Options = ValuesOf<typeof properties>;

/** Clients that are their own servers. */
export interface Identity {
  routeOf(client: Address): GroupRoute;
}

export interface Policy {
  readonly names: NameRules<GroupRoute>;
  readonly identities: CidrMap<Identity>;
  readonly networks: CidrMap<GroupRoute>;
  readonly fallback: GroupRoute | undefined;
  /** All routes that don't depend on the client's address itself. */
  readonly fixed: readonly GroupRoute[];
}

const plugin = 'source-policy-forward';

/** Throws a ConfigError with every mistake. */
export function compilePolicy(options: Options, context: PluginContext<DnsBlock>): Policy {
  const compiler = new Compiler(options);
  allOf([
    () => compiler.checkGroups(),
    () => compiler.addDefault(),
    () => compiler.addNetworks(),
    () => compiler.addIdentities(),
    () => compiler.addNames(),
  ]);
  if (compiler.isEmpty) throw context.mistake('it sends nobody anywhere; give it a default, from, identity, match or zone');
  return compiler.policy;
}

class Compiler {
  readonly #options: Options;
  readonly #fixed: GroupRoute[] = [];
  readonly #names: NameRule<GroupRoute>[] = [];
  readonly #networks: { readonly cidr: Cidr; readonly value: GroupRoute }[] = [];
  readonly #identities: { readonly cidr: Cidr; readonly value: Identity }[] = [];
  #fallback: GroupRoute | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#fixed.length === 0 && this.#identities.length === 0;
  }

  get policy(): Policy {
    return {
      names: new NameRules(this.#names),
      identities: new CidrMap(this.#identities),
      networks: new CidrMap(this.#networks),
      fallback: this.#fallback,
      fixed: this.#fixed,
    };
  }

  checkGroups(): void {
    const { upstream } = this.#options;
    allOf(upstream.map((each) => () => {
      const first = upstream.find(({ args }) => args === each.args)!;
      if (first !== each) throw mistake(each.at, `there is a group ${quote(each.args)} already, at ${textOfPosition(first.at)}`);
    }));
  }

  addDefault(): void {
    const [first] = this.#options.default;
    if (first !== undefined) this.#fallback = this.#route('default', first.at, this.#options.default);
  }

  addNetworks(): void {
    const seen = new Map<string, Position>();
    allOf(this.#options.from.map(({ networks, to, at }) => () => {
      const route = this.#route(`from ${networks.map(({ text }) => text).join(' ')}`, at, to);
      for (const cidr of networks) {
        refuseSecond(seen, cidr, at);
        this.#networks.push({ cidr, value: route });
      }
    }));
  }

  addIdentities(): void {
    const seen = new Map<string, Position>();
    allOf(this.#options.identity.map(({ network, port, at }) => () => {
      refuseSecond(seen, network, at);
      const label = `identity ${network.text}`;
      const routeOf = (address: Address): GroupRoute => new GroupRoute(label, at, groupOptions(plugin, [{ address, port }], [this.#options]));
      this.#identities.push({ cidr: network, value: { routeOf } });
    }));
  }

  addNames(): void {
    allOf(this.#options.rules.map((rule) => () => {
      const zones = rule.kind === 'zone' ? rule.zones : [];
      const label = rule.kind === 'match' ? `match ${rule.pattern.source}` : `zone ${zones.map(textOfName).join(' ')}`;
      this.#names.push({ condition: rule.kind === 'match' ? rule.pattern : zones, value: this.#route(label, rule.at, rule.to, zones) });
    }));
  }

  #route(label: string, at: Position, to: readonly Target[], zones: readonly Name[] = []): GroupRoute {
    const { servers, settings } = this.#destination(to);
    const options = groupOptions(plugin, servers, settings);
    const problem = tooMany(options.servers);
    if (problem !== undefined) throw mistake(at, problem);
    const route = new GroupRoute(label, at, options, zones);
    this.#fixed.push(route);
    return route;
  }

  /** Either servers with the options of the directive, or one named group with its own before those. */
  #destination(to: readonly Target[]): { readonly servers: readonly Endpoint[]; readonly settings: readonly GroupSettings[] } {
    const named = to.find((target) => 'group' in target);
    if (named === undefined) return { servers: to.flatMap((target) => ('servers' in target ? target.servers : [])), settings: [this.#options] };
    const groups = this.#options.upstream;
    const found = groups.find(({ args }) => args === named.group);
    if (found === undefined) {
      const nearest = suggestion(named.group, groups.map(({ args }) => args));
      throw mistake(named.at, `there is no upstream group ${quote(named.group)}${nearest}; it is no address either`);
    }
    if (to.length > 1) throw mistake(named.at, `the upstream group ${quote(named.group)} stands alone behind 'to'; further servers belong into the group`);
    return { servers: found.to.flat(), settings: [found, this.#options] };
  }
}

function refuseSecond(seen: Map<string, Position>, { text }: Cidr, at: Position): void {
  const first = seen.get(text);
  if (first !== undefined) throw mistake(at, `${text} has a rule already, at ${textOfPosition(first)}`);
  seen.set(text, at);
}
