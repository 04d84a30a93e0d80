/** `vpncore`: what an external plugin needs. */
export { definePlugin, defineHostPlugin, sharedCall, ApiError } from './plugin.js';
export type {
  ApiCall, ApiRequest, ApiResult, Explanation, HostBlock, PluginContext, PluginDefinition, PluginInstance,
} from './plugin.js';
export * from './properties.js';
export type { DnsBlock } from './block.js';
export type { DnsHooks } from './hooks.js';
export type { Host } from './host.js';
export type { Logger } from './log.js';
export { topicOf, type FirstWorker, type OtherWorker, type Topic, type Workers } from './workers/index.js';
export type { Query, Client } from './query.js';
export type { Route } from './route.js';
export { createReply, dropped, failed, refused, withTtl, type Reply } from './reply.js';
export { isWithin, nameFromText, textOfName, type Name } from './name.js';
export type { Address, Cidr, Endpoint } from './address.js';
export { ConfigError, messageOf, OperationalError, type Position } from './errors.js';
export { encodeRecords } from './wire/library.js';
export { addressBody, pointerBody, recordBody } from './wire/records.js';
export { ede, flag as flags, rcode as rcodes, type as types } from './wire/layout.js';
