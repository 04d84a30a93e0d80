/** Tells clients who they are: their address in the additional section, port and transport in an SRV record, as in CoreDNS. */
import { maxNameOctets } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { flag, putUint16, rcode, type } from '../../core/wire/layout.js';
import { addressBody, recordBody } from '../../core/wire/records.js';

export function whoami(query: Query): Reply {
  const { address, port, transport } = query.client;
  // The owner is this label before the name asked for. A name that leaves no room for it goes without the record.
  const label = Buffer.from(`\x04_${transport}`, 'latin1');
  const records = [addressBody([address], 0)];
  if (label.length + query.name.length <= maxNameOctets) records.push(Buffer.concat([label, recordBody(type.srv, 0, serviceAt(port))]));
  return createReply(rcode.noError, 'whoami', { flags: flag.aa, additionals: records.length, body: Buffer.concat(records) });
}

/** RDATA of an SRV record (RFC 2782): priority, weight, port, and the root as target. */
function serviceAt(port: number): Buffer {
  const rdata = Buffer.alloc(7);
  putUint16(rdata, 4, port);
  return rdata;
}
