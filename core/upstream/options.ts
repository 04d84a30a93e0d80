/** What can be said about a group of upstreams: the options of `forward` and `source-policy-forward`. */
import { textOfEndpoint, type Address, type Endpoint } from '../address.js';
import { textOfName, type Name } from '../name.js';

/** Which of the servers is asked first. */
export const policies = ['random', 'round_robin', 'sequential'] as const;
export type Policy = (typeof policies)[number];

export interface GroupOptions {
  /** Who asks: the plugin whose name its replies carry. */
  readonly plugin: string;
  readonly servers: readonly Endpoint[];
  /** The local address that queries leave from; the system's choice when absent. */
  readonly sourceAddress?: Address | undefined;
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

/**
 * The identity of a way out: equal exactly when queries leave from the same address to the same servers, and their answers mean the same.
 * The order of the servers counts only where the policy looks at it.
 */
export function wayOf({ servers, sourceAddress, policy, trustAd }: GroupOptions): string {
  const texts = [...new Set(servers.map(textOfEndpoint))];
  const order = policy === 'sequential' && texts.length > 1 ? texts.join('>') : texts.sort().join('|');
  return `${order}${sourceAddress === undefined ? '' : ` from ${sourceAddress.text}`}${trustAd ? ' ad' : ''}`;
}

/** Equal exactly for options that mean the same in everything. */
export function keyOf(options: GroupOptions): string {
  return JSON.stringify({
    ...options,
    servers: options.servers.map(textOfEndpoint),
    sourceAddress: options.sourceAddress?.text,
    healthCheck: { ...options.healthCheck, name: textOfName(options.healthCheck.name) },
    failover: [...options.failover].sort((a, b) => a - b),
  });
}
