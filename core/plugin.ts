/**
 * The contract between a host and its plugins. Read this once and you can read every plugin.
 *
 * **A plugin's life.** A plugin is one word: the directive in the Corefile, the folder, the log prefix and the subsystem of its metrics. It
 * states as data what its directive takes (`args`, `properties`); it never sees a token. For each place where the directive stands in a
 * server block the host
 *
 *   1. binds the options and reports every mistake with its position, before anything runs;
 *   2. calls `setup(options, block)`, in the order of `plugins/index.ts`: tap the block's hooks, compile the options into closures, and
 *      nothing else. Throw a `ConfigError` (`context.mistake(…)`) for what only shows now;
 *   3. awaits `load()` of every plugin, which reads files, then `start()` of every plugin, which opens timers and sockets. Costly things
 *      come from `host.keep(key, make)`, so that the next generation finds them as they are;
 *   4. swaps the new generation in with one assignment, and only then calls `stop()` on the old one, in reverse order. `stop` must cope
 *      with a `start` that failed half-way.
 *
 * A reload is thus two generations side by side for a moment: a plugin has no reload code. With `workers N` all this happens in N threads, each
 * with a host of its own; what then belongs to all of them together is told in `core/workers/workers.ts`.
 *
 * **A query's way** (DNS hosts; the hooks are declared in `core/hooks.ts`, the way itself is `core/server.ts`):
 *
 *     query    can you answer from memory, now?         first Reply wins          ratelimit, acl, static, local, blocklist, cache …
 *     route    which upstream group serves this query?  first Route wins, lazily  source-policy-forward, forward
 *     resolve  can you get an answer?                   first Reply wins, async   source-policy-forward, forward
 *     fetched  an upstream's reply: change it, keep it? each passes it on         ttl, cache
 *     inspect  it is about to leave, fresh or cached: may   each passes it on     blocklist, rebind
 *              this client have it?
 *     done     anything to record?                      all                       errors, log, prometheus
 *
 * A tap returns a `Reply` or `undefined` ("not mine"). It never writes to a socket and there is no `next()`; only the server writes.
 *
 * A worked example, whole: `examples/plugins/motd.ts`.
 */
import type { Argument, OptionsOf, Property } from './properties.js';
import type { Host } from './host.js';
import type { Position, ConfigError } from './errors.js';
import type { Logger } from './log.js';
import type { DnsBlock } from './block.js';
import type { Query } from './query.js';
import type { UpstreamStatus } from './upstream/upstream.js';

/** What every host's blocks offer to a plugin; a DNS block adds its hooks. */
export interface HostBlock {
  /** The block's addresses as written, for messages: `example.org:53`. */
  readonly label: string;
  readonly at: Position;
  readonly host: Host;
  /** Has a plugin told, in one line, of whatever fails while the block serves. To be called in `setup`. */
  onFailure(plugin: string, tell: (line: string) => void): void;
}

/** What `setup` gets besides its options: the block, and what is this plugin's own. */
export interface PluginContext<Block extends HostBlock> {
  readonly block: Block;
  readonly host: Host;
  /** Writes lines that begin with the plugin's name. */
  readonly log: Logger;
  /** Where the directive stands. */
  readonly at: Position;
  /** A mistake that setup found; to be thrown. `place` defaults to the directive. */
  mistake(problem: string, place?: Position): ConfigError;
}

/** What a plugin leaves behind after `setup`; every part is optional. */
export interface PluginInstance {
  /**
   * Reads what it needs to decide: files, lists. Comes before any plugin's `start`, opens no socket and sets no timer, so that `vpndns explain`
   * can do it too. Fails with an `OperationalError` that says what to mend.
   */
  load?(): void | Promise<void>;
  /**
   * In the place of `load` and `start`, where a process-wide plugin is in another worker than the first: gets ready what its taps need there.
   * `stop` is called there only if this is.
   */
  join?(): void | Promise<void>;
  /** Opens timers and sockets. Fails with an `OperationalError` that says what to mend. */
  start?(): void | Promise<void>;
  /** Closes what `load` and `start` opened. Called after they failed as well. */
  stop?(): void | Promise<void>;
  /** The host is about to stop for good, and serves as before until this is fulfilled: time for clients to go elsewhere. */
  lameduck?(): Promise<void>;
  /** Why this plugin is not ready, or `undefined` when it is. */
  unready?(): string | undefined;
  /** What it would do to this query, without a packet and without a trace (no counter, no cache promotion). It may take its time. */
  explain?(query: Query): Explanation | undefined | Promise<Explanation | undefined>;
  /** Where it listens, as `http 127.0.0.1:8080`, for `GET /status`. */
  listeners?(): readonly string[];
  /** The servers that it asks, for `GET /upstreams`. */
  upstreams?(): readonly UpstreamReport[];
}

/** A group of servers that answer for each other. Groups of one `id` are one group, however many plugins report it. */
export interface UpstreamReport {
  readonly id: string;
  readonly plugin: string;
  readonly servers: readonly UpstreamStatus[];
}

/** One plugin's part in the fate of a query, for `vpndns explain`. */
export interface Explanation {
  /** What it does, in words: `blocked by list ads.txt, line 17`. */
  readonly decision: string;
  /** Whether the query ends here. */
  readonly final: boolean;
  /** The line of the Corefile that decides; defaults to the directive. */
  readonly at?: Position;
  /** Facts for programs: the list, the route, the upstreams … */
  readonly details?: Readonly<Record<string, unknown>>;
}

interface ApiCallDeclaration {
  readonly method: 'GET' | 'POST';
  /** `/blocklist/check/:name` */
  readonly path: string;
  /** One line, for `/openapi.json`. */
  readonly summary: string;
  /** Query parameters with a line of description each. */
  readonly query?: Readonly<Record<string, string>>;
}

/** What every worker has a part in: it is asked of each on its own instances, and worker 0 makes the reply of what they say. */
interface SharedCall<Instance, Part> {
  /** Returns plain data; throws an `ApiError` for a caller's mistake. */
  ask(instances: readonly Instance[], request: Pick<ApiRequest, 'params' | 'query'>): Part | Promise<Part>;
  /** @param parts that of worker 0 comes first */
  reply(parts: readonly [Part, ...Part[]], request: Pick<ApiRequest, 'params' | 'query'>): ApiResult;
}

/** A call that a plugin adds to the admin API. One call serves all instances of the plugin in the process. */
export type ApiCall<Instance> = ApiCallDeclaration & (
  | {
    /** Returns what goes to the reply; throws an `ApiError` for a caller's mistake. Runs in worker 0. */
    handle(instances: readonly Instance[], request: ApiRequest): ApiResult | Promise<ApiResult>;
    ask?: never;
  }
  | (SharedCall<Instance, object> & { handle?: never })
);

/** Declares a call that every worker has a part in; the identity function, but it knows the type of a part. */
export const sharedCall = <Instance, Part extends object>(call: ApiCallDeclaration & SharedCall<Instance, Part>): ApiCall<Instance> => call;

export interface ApiRequest {
  /** Path parameters, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Aborted when the address on which the call came is given up: an answer that takes longer reaches nobody. */
  readonly closing: AbortSignal;
}

/** `{message, is_error, data}` of every reply; `failed` is is_error 1 with status 200 ("it was there already"). */
export interface ApiResult {
  readonly message: string;
  readonly data: object;
  readonly failed?: boolean;
}

/** A caller's mistake: the HTTP status and a message that says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a plugin states about itself. `Arguments` and `Properties` give `setup` its option types. */
export interface PluginDefinition<
  Arguments = unknown,
  Properties extends Readonly<Record<string, Property<unknown>>> = Readonly<Record<string, Property<unknown>>>,
  Instance extends PluginInstance = PluginInstance,
  Block extends HostBlock = HostBlock,
> {
  readonly name: string;
  /** May it stand more than once in a block? Each place is an instance of its own. Default: no. */
  readonly repeatable?: boolean;
  /** Acts on the whole process: it may stand in any block, but only once. With several workers it taps in each and starts in the first alone. */
  readonly processWide?: boolean;
  /** What follows the name on the directive's line; becomes `options.args`. */
  readonly args?: Argument<Arguments>;
  /** What may stand between the braces; each becomes an option of the same name. */
  readonly properties?: Properties;
  readonly api?: readonly ApiCall<Instance>[];
  setup(options: OptionsOf<Arguments, Properties>, context: PluginContext<Block>): Instance | void;
}

/** A definition whose types a list of plugins need not know. */
export type AnyPlugin<Block extends HostBlock = HostBlock> = Omit<PluginDefinition, 'setup' | 'api'> & {
  readonly api?: readonly ApiCall<never>[];
  setup(options: never, context: PluginContext<Block>): PluginInstance | void;
};

/** Declares a plugin for a kind of block; the identity function, but it infers the option types. */
export const definePluginFor =
  <Block extends HostBlock>() =>
  <Arguments = undefined, Properties extends Readonly<Record<string, Property<unknown>>> = {}, Instance extends PluginInstance = PluginInstance>(
    definition: PluginDefinition<Arguments, Properties, Instance, Block>,
  ): PluginDefinition<Arguments, Properties, Instance, Block> => definition;

/** Declares a DNS plugin. */
export const definePlugin = definePluginFor<DnsBlock>();

/** Declares a plugin that works in every host (health, reload …). */
export const defineHostPlugin = definePluginFor<HostBlock>();
