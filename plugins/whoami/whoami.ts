/** Tells clients who they are: their address in the additional section, port and transport in an SRV record, as in CoreDNS. */
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { encodeRecords } from '../../core/wire/library.js';
import { flag, rcode } from '../../core/wire/layout.js';

export function whoami(query: Query): Reply {
  const { address, port, transport } = query.client;
  const name = query.text;
  const body = encodeRecords([
    { type: address.bits === 32 ? 'A' : 'AAAA', name, ttl: 0, data: address.text },
    { type: 'SRV', name: name === '.' ? `_${transport}` : `_${transport}.${name}`, ttl: 0, data: { port, target: '.', priority: 0, weight: 0 } },
  ]);
  return createReply(rcode.noError, 'whoami', { flags: flag.aa, additionals: 2, body });
}
