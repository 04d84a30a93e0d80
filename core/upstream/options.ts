/** What can be said about a group of upstreams: the options that `forward` and `source-policy-forward` share. */
import { textOfEndpoint, type Address, type Endpoint } from '../address.js';
import { limits } from '../limits.js';
import { root, textOfName, type Name } from '../name.js';
import { address, duration, fields, flag, integer, many, name, one, oneOf, rcode, type ValuesOf } from '../properties.js';

/** Which of the servers is asked first. */
export type Policy = 'random' | 'round_robin' | 'sequential';

/** The table. Nothing has a default here, so that one place can leave to another what it doesn't say; see `defaults`. */
export const groupProperties = {
  policy: one(oneOf('random', 'round_robin', 'sequential')),
  force_tcp: flag(),
  prefer_udp: flag(),
  expire: one(duration({ min: 1000 })),
  max_fails: one(integer({ max: 1000 })),
  health_check: fields({ interval: one(duration({ min: 100 })) }, { no_rec: flag(), domain: one(name()) }),
  max_concurrent: one(integer({ min: 1, max: limits.queriesInFlight })),
  read_timeout: one(duration({ min: 100, max: limits.upstreamExchangeMs })),
  failover: many(rcode()),
  source_address: one(address()),
  trust_ad: flag(),
};

/** What one place in a Corefile says about a group. */
export type GroupSettings = ValuesOf<typeof groupProperties>;

export interface GroupOptions {
  /** Who asks: the plugin whose name its replies carry. */
  readonly plugin: string;
  /** Each once. */
  readonly servers: readonly Endpoint[];
  /** The local address that queries leave from; the system's choice when absent. */
  readonly sourceAddress: Address | undefined;
  readonly policy: Policy;
  /** Health checks that must fail in a row before a server is spared; 0 for never. */
  readonly maxFails: number;
  readonly healthCheck: {
    /** Milliseconds between checks of a server that fails. */
    readonly intervalMs: number;
    readonly recursionDesired: boolean;
    /** The name whose NS records are asked for. */
    readonly name: Name;
  };
  /** Milliseconds to wait for one answer of one server. */
  readonly readTimeoutMs: number;
  /** Milliseconds that an idle TCP connection is kept. */
  readonly expireMs: number;
  readonly forceTcp: boolean;
  /** Ask over UDP even for a client that asked over TCP. */
  readonly preferUdp: boolean;
  /** Questions in flight at most. */
  readonly maxConcurrent: number;
  /** RCODEs for which the next server is asked. */
  readonly failover: readonly number[];
  /** Whether the servers' AD bit is believed: they validate, and the way to them is safe. */
  readonly trustAd: boolean;
}

/** @param settings what is said of the group, the most particular place first: what one leaves out, the next may say */
export function groupOptions(plugin: string, servers: readonly Endpoint[], settings: readonly GroupSettings[]): GroupOptions {
  const first = <T>(value: (place: GroupSettings) => T | undefined): T | undefined => {
    for (const place of settings) if (value(place) !== undefined) return value(place);
    return undefined;
  };
  const any = (value: (place: GroupSettings) => boolean): boolean => settings.some(value);
  const check = first((place) => place.health_check);
  return {
    plugin,
    servers: [...new Map(servers.map((server) => [textOfEndpoint(server), server])).values()],
    sourceAddress: first((place) => place.source_address),
    policy: first((place) => place.policy) ?? 'random',
    maxFails: first((place) => place.max_fails) ?? 2,
    healthCheck: { intervalMs: check?.interval ?? 500, recursionDesired: !(check?.no_rec ?? false), name: check?.domain ?? root },
    readTimeoutMs: first((place) => place.read_timeout) ?? 2000,
    expireMs: first((place) => place.expire) ?? 10_000,
    forceTcp: any((place) => place.force_tcp),
    preferUdp: any((place) => place.prefer_udp),
    maxConcurrent: first((place) => place.max_concurrent) ?? limits.upstreamInFlight,
    failover: first((place) => (place.failover.length > 0 ? place.failover : undefined)) ?? [],
    trustAd: any((place) => place.trust_ad),
  };
}

/**
 * The identity of a way out: equal exactly when queries leave from the same address to the same servers, and their answers mean the same.
 * The order of the servers counts only where the policy looks at it.
 */
export function wayOf({ servers, sourceAddress, policy, trustAd }: GroupOptions): string {
  const texts = servers.map(textOfEndpoint);
  const order = policy === 'sequential' ? texts.join('>') : texts.sort().join('|');
  return `${order}${sourceAddress === undefined ? '' : ` from ${sourceAddress.text}`}${trustAd ? ' ad' : ''}`;
}

/** Equal exactly for options that mean the same in everything. */
export function keyOf(options: GroupOptions): string {
  return JSON.stringify({
    ...options,
    servers: options.servers.map(textOfEndpoint),
    sourceAddress: options.sourceAddress?.text,
    healthCheck: { ...options.healthCheck, name: textOfName(options.healthCheck.name) },
  });
}
