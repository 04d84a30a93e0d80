/** A DNS server block: its zones, where it listens, and its hooks. */
import type { Position } from './errors.js';
import { createHooks, type DnsHooks } from './hooks.js';
import type { Host } from './host.js';
import type { Endpoint } from './address.js';
import type { ServerAddress } from './corefile/index.js';
import { fqdnOf, type Name } from './name.js';
import type { HostBlock } from './plugin.js';
import type { Query } from './query.js';
import type { Reply } from './reply.js';
import type { Server } from './server.js';
import { rcodeText, typeText } from './wire/types.js';

export class DnsBlock implements HostBlock {
  readonly label: string;
  readonly at: Position;
  readonly host: Host;
  readonly addresses: readonly ServerAddress[];
  readonly hooks: DnsHooks = createHooks();
  /** Addresses or interface names to listen on, with their places in the Corefile; `bind` fills it, empty means every address of this host. */
  readonly listenOn: { readonly word: string; readonly at: Position }[] = [];
  /** Where it listens: each address of `listenOn` with each port; the host fills it when all are set up. */
  readonly endpoints: Endpoint[] = [];
  /** Queries that wait for an answer from elsewhere; the server counts them. */
  inFlight = 0;
  readonly #server: Server;

  constructor(addresses: readonly ServerAddress[], at: Position, host: Host, server: Server) {
    this.addresses = addresses;
    this.label = addresses.map(({ text }) => text).join(', ');
    this.at = at;
    this.host = host;
    this.#server = server;
  }

  /** Every zone that it serves, on whatever port. */
  get zones(): readonly Name[] {
    return this.addresses.flatMap(({ zones }) => zones);
  }

  /** Queries that failed: `SERVFAIL www.example.org. A: no upstream answers`. */
  onFailure(plugin: string, tell: (line: string) => void): void {
    this.hooks.done.tap(plugin, (query, { failure, rcode }) => {
      if (failure !== undefined) tell(`${rcodeText(rcode)} ${fqdnOf(query.name)} ${typeText(query.type)}: ${failure}`);
    });
  }

  /** Gets an answer from upstream, as for a client but with none waiting: through `resolve` and `fetched`. For refreshing what is cached. */
  fetch(query: Query, callback: (reply: Reply) => void): void {
    this.#server.fetch(query, callback);
  }
}
