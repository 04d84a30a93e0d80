/** The minimal answer to ANY: one HINFO record that says why (RFC 8482 section 4.2). Large answers to ANY serve attackers. */
import { createReply } from '../../core/reply.js';
import { rcode, type } from '../../core/wire/layout.js';
import { recordBody } from '../../core/wire/records.js';

/** A CPU field of `RFC8482`, and an empty OS field. */
const rdata = Buffer.from('\x07RFC8482\0', 'latin1');
const ttl = 8482;

export const minimalAnswer = createReply(rcode.noError, 'any', { answers: 1, body: recordBody(type.hinfo, ttl, rdata) });
