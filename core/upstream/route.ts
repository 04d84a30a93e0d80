/** A route that leads to a group of upstreams. */
import { textOfEndpoint } from '../address.js';
import type { Position } from '../errors.js';
import type { Host } from '../host.js';
import type { Name } from '../name.js';
import type { Query } from '../query.js';
import { turnedAway } from '../reply.js';
import type { Route } from '../route.js';
import type { ReplyCallback } from './exchange.js';
import type { UpstreamGroup } from './group.js';
import { wayOf, type GroupOptions } from './options.js';
import { upstreamsOf, type Upstreams } from './upstreams.js';

export class GroupRoute implements Route {
  readonly id: string;
  readonly label: string;
  readonly at: Position;
  readonly zones: readonly Name[];
  readonly upstreams: readonly string[];
  readonly #options: GroupOptions;
  #upstreams: Upstreams | undefined;
  #group: UpstreamGroup | undefined;

  /**
   * Opens nothing yet.
   * @param at the line of the Corefile that chooses it
   * @param zones the domains that this line names, if any
   */
  constructor(label: string, at: Position, options: GroupOptions, zones: readonly Name[] = []) {
    this.id = wayOf(options);
    this.label = label;
    this.at = at;
    this.zones = zones;
    this.upstreams = options.servers.map(textOfEndpoint);
    this.#options = options;
  }

  /**
   * Takes its group; nothing opens before the first query.
   * @param lazily with the first query: for routes of which there may be many, most of them unused
   */
  start(host: Host, { lazily = false } = {}): void {
    this.#upstreams = upstreamsOf(host);
    if (!lazily) this.#group = this.#upstreams.acquire(this.#options);
  }

  /** Gives the group back. */
  stop(): void {
    if (this.#group !== undefined) this.#upstreams?.release(this.#group);
    this.#group = undefined;
    this.#upstreams = undefined;
  }

  exchange(query: Query, callback: ReplyCallback): void {
    this.#group ??= this.#upstreams?.acquire(this.#options);
    if (this.#group === undefined) callback(turnedAway(this.#options.plugin, 'the server is shutting down'));
    else this.#group.exchange(query, callback);
  }

  /** For `explain`: the way, and the servers with their state where they run. */
  get details(): Readonly<Record<string, unknown>> {
    return { route: this.id, label: this.label, upstreams: this.#group?.status() ?? this.upstreams };
  }
}
