/**
 * The exchange with other DNS servers, shared by every plugin that asks one. From the outside in:
 *
 *   route.ts      a route: what a plugin hands to `query.route`
 *   upstreams.ts  all groups of a host, each once
 *   group.ts      servers that answer for each other; equal questions share one query (in-flight.ts); which is asked first (policy.ts)
 *   exchange.ts   one question on its way: the next server, TCP, without EDNS, until there is an answer or no time
 *   upstream.ts   one server; health.ts, latency.ts
 *   udp.ts tcp.ts sockets and connections, how many (budget.ts), and which answer belongs to which query (pending.ts, message.ts)
 *
 * What a Corefile may say about a group is in options.ts and servers.ts.
 */
export type { UpstreamGroup } from './group.js';
export { groupOptions, groupProperties, type GroupOptions, type GroupSettings } from './options.js';
export { GroupRoute } from './route.js';
export { readServers, servers, tooMany } from './servers.js';
export { Upstreams, upstreamsOf, type GroupStatus } from './upstreams.js';
export { addReports } from './sum.js';
export type { UpstreamStatus } from './upstream.js';
