/** A DNS server block: its zones, where it listens, and its hooks. */
import type { DnsHooks } from './hooks.js';
import type { HostBlock } from './plugin.js';
import type { Name } from './name.js';
import type { Query } from './query.js';
import type { Reply } from './reply.js';

export interface DnsBlock extends HostBlock {
  readonly zones: readonly Name[];
  readonly hooks: DnsHooks;
  /** Addresses or interface names to listen on; `bind` fills it, empty means all. */
  readonly listenOn: string[];
  /** Gets an answer from upstream, as for a client but with none waiting: through `resolve` and `fetched`. For refreshing what is cached. */
  fetch(query: Query, callback: (reply: Reply) => void): void;
}
