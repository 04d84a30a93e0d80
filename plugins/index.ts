/**
 * THE list: every built-in plugin, in the order in which they act on a query. The order is decided here and nowhere else; the order of the
 * directives in a Corefile does not matter.
 */
import type { DnsBlock } from '../core/block.js';
import type { AnyPlugin } from '../core/plugin.js';
import acl from './acl/index.js';
import any from './any/index.js';
import bind from './bind/index.js';
import blocklist from './blocklist/index.js';
import cache from './cache/index.js';
import errors from './errors/index.js';
import forward from './forward/index.js';
import health from './health/index.js';
import httpAdmin from './http-admin/index.js';
import local from './local/index.js';
import log from './log/index.js';
import loop from './loop/index.js';
import nxdomain from './nxdomain/index.js';
import prometheus from './prometheus/index.js';
import ratelimit from './ratelimit/index.js';
import ready from './ready/index.js';
import rebind from './rebind/index.js';
import reload from './reload/index.js';
import sourcePolicyForward from './source-policy-forward/index.js';
import staticRecords from './static/index.js';
import ttl from './ttl/index.js';
import whoami from './whoami/index.js';
import workers from './workers/index.js';

export const plugins = [
  // Where and how the server runs.
  bind,
  workers,
  reload,
  health,
  ready,
  prometheus,
  httpAdmin,
  // What is recorded of each answer.
  errors,
  log,
  // May this client ask this?
  ratelimit,
  acl,
  any,
  loop,
  // Answers of our own.
  staticRecords,
  local,
  blocklist,
  nxdomain,
  whoami,
  // What upstreams said.
  rebind,
  ttl,
  cache,
  // Which way out, and what is heard there.
  sourcePolicyForward,
  forward,
] as const satisfies readonly AnyPlugin<DnsBlock>[];
