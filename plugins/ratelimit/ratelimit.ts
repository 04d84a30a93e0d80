/** So many queries a second for each network of clients, over UDP: what is beyond gets no answer, or one that sends an honest client to TCP. */
import { inAny, type Cidr } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { ClientSlots, slotCount } from '../../core/client-slots.js';
import type { Explanation, PluginContext } from '../../core/plugin.js';
import type { Client, Query } from '../../core/query.js';
import { createReply, dropped, type Reply } from '../../core/reply.js';
import { sparingly } from '../../core/remark.js';
import { flag, rcode } from '../../core/wire/layout.js';

export interface RateLimitOptions {
  /** Queries a second, and at once after a pause. */
  readonly qps: number;
  readonly burst: number;
  /** Bits of an address that tell a network of clients. */
  readonly prefix4: number;
  readonly prefix6: number;
  readonly exempt: readonly Cidr[];
  /** One in so many queries beyond the limit gets a truncated answer, the others none; `undefined` for none at all. */
  readonly slip: number | undefined;
}

const silence = dropped('ratelimit');
/** Not larger than the query, so of no use to whoever forged its sender. */
const truncated = createReply(rcode.noError, 'ratelimit', { flags: flag.tc });

export interface RateLimit {
  judge(query: Query): Reply | undefined;
  explain(query: Query): Explanation;
}

export function createRateLimit(options: RateLimitOptions, { host, log }: PluginContext<DnsBlock>): RateLimit {
  const { qps, burst, prefix4, prefix6, slip } = options;
  const isExempt = inAny(options.exempt);
  const slots = new ClientSlots(host.random);
  const intervalMs = 1000 / qps;
  const toleranceMs = (burst - 1) * intervalMs;
  // A token bucket in one number: when the bucket will be full again (the "generic cell rate algorithm"). At first all are full.
  const fullAt = new Float64Array(slotCount);
  const counts = host.metrics.counter('ratelimit_limited_total', 'Queries beyond the limit of their network, by what became of them.', ['action']);
  const [droppedCount, truncatedCount] = [counts.child({ action: 'drop' }), counts.child({ action: 'truncate' })];
  const remark = sparingly(host.clock, (line) => log.warning(line));
  const prefixOf = ({ address }: Client): number => (address.bits === 32 ? prefix4 : prefix6);
  // Over TCP an address is no forgery, and connections have bounds of their own.
  const concerns = (client: Client): boolean => client.transport === 'udp' && !isExempt(client.address);
  let limited = 0;

  const takeToken = (client: Client, now: number): boolean => {
    const slot = slots.of(client.address, prefixOf(client));
    const full = Math.max(fullAt[slot]!, now);
    if (full - now > toleranceMs) return false;
    fullAt[slot] = full + intervalMs;
    return true;
  };
  return {
    judge({ client, receivedAt }) {
      if (!concerns(client) || takeToken(client, receivedAt)) return undefined;
      remark(() => `${client.address.text}/${prefixOf(client)} asks more than ${qps} queries a second`);
      const isSlip = slip !== undefined && limited++ % slip === 0;
      (isSlip ? truncatedCount : droppedCount).inc();
      return isSlip ? truncated : silence;
    },
    explain: ({ client }) => ({
      decision: concerns(client) ? `shares ${qps} queries a second with its network, of ${prefixOf(client)} bits` : 'is not limited',
      final: false,
    }),
  };
}
