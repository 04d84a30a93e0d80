/**
 * Against DNS rebinding: a page of attacker.example, whose name suddenly means 192.168.1.1, is of the same origin as the router's own pages to a
 * browser. So names of the world get no addresses of this network.
 */
import { inAny, type Cidr } from '../../core/address.js';
import { isWithin, textOfName, type Name } from '../../core/name.js';
import type { PluginContext } from '../../core/plugin.js';
import type { DnsBlock } from '../../core/block.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { sparingly } from '../../core/remark.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, rcode } from '../../core/wire/layout.js';
import { someAddress } from '../../core/wire/addresses.js';
import { typeText } from '../../core/wire/types.js';
import { isPrivate } from './private.js';

export interface RebindOptions {
  /** Names, with all below them, that may have private addresses. */
  readonly allow: readonly Name[];
  /** Private addresses that every name may have. */
  readonly net: readonly Cidr[];
  readonly answer: 'refused' | 'nodata';
}

/** Returns the judge of what upstreams said, now or before: the answer as it is, or one in its place. */
export function createRebind({ allow, net, answer }: RebindOptions, { host, log }: PluginContext<DnsBlock>): (reply: Reply, query: Query) => Reply {
  const isAllowed = inAny(net);
  const refusal = createReply(answer === 'refused' ? rcode.refused : rcode.noError, 'rebind', {
    error: extendedError(ede.blocked, 'a private address in the answer for a public name'),
  });
  const refused = host.metrics.counter('rebind_refused_total', 'Answers with private addresses for public names.').child({});
  const remark = sparingly(host.clock, (line) => log.warning(line));
  return (reply, query) => {
    // What a plugin has put in an upstream's place is our own.
    if (reply.kind === undefined) return reply;
    const records = reply.answers + reply.authorities + reply.additionals;
    if (!someAddress(reply.body, records, (octets) => isPrivate(octets, isAllowed)) || allow.some((zone) => isWithin(query.name, zone))) return reply;
    refused.inc();
    remark(() => `refused a private address for ${textOfName(query.name)} ${typeText(query.type)}; if it is a name of this network, 'allow' it`);
    return refusal;
  };
}
