/**
 * THE list: every built-in plugin, in the order in which they act on a query. The order is decided here and nowhere else; the order of the
 * directives in a Corefile does not matter.
 */
import type { DnsBlock } from '../core/block.js';
import type { AnyPlugin } from '../core/plugin.js';
import acl from './acl/index.js';
import any from './any/index.js';
import bind from './bind/index.js';
import forward from './forward/index.js';
import nxdomain from './nxdomain/index.js';
import sourcePolicyForward from './source-policy-forward/index.js';
import staticRecords from './static/index.js';
import whoami from './whoami/index.js';

export const plugins = [
  // Where and how the server runs.
  bind,
  // May this client ask this?
  acl,
  any,
  // Answers from memory.
  staticRecords,
  nxdomain,
  whoami,
  // Answers from upstream.
  sourcePolicyForward,
  forward,
] as const satisfies readonly AnyPlugin<DnsBlock>[];
