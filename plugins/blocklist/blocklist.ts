/** One `blocklist` directive at work: judges the name of each query, and the names to which an upstream's answer leads. */
import { inAny, type Address, type Cidr } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { limitAlarm } from '../../core/limit-alarm.js';
import type { Count, Family } from '../../core/metrics.js';
import { textOfName, type Name } from '../../core/name.js';
import type { Explanation, PluginContext, PluginInstance } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';
import { headerOctets } from '../../core/wire/layout.js';
import type { Replies } from './answers.js';
import { Exceptions } from './exceptions.js';
import { lineOf } from './list-file.js';
import { ListReplica } from './list-replica.js';
import { ListSet, topicOfLists, type ListSetOptions } from './list-set.js';
import type { Lists } from './loader.js';
import { blockingEntry, pardonOf, verdictOn, type Policy, type Verdict } from './verdict.js';

export interface BlocklistOptions {
  readonly lists: ListSetOptions;
  readonly replies: Replies;
  /** These clients are never blocked. */
  readonly exempt: readonly Cidr[];
  /** The lists are for these clients; none means all. */
  readonly clients: readonly Cidr[];
  /** Whether the names to which answers lead are judged too. */
  readonly inspect: boolean;
  /** The file that keeps exceptions. */
  readonly exceptions: string | undefined;
}

/** A verdict for people: with the number of the line in the list, where it can be found. */
export interface Finding {
  readonly verdict: Verdict & { readonly listed: true };
  readonly line: number | undefined;
}

/** What outlives this generation. Worker 0 has the lists to load and to look after, the others see what it has. */
interface Kept {
  readonly lists: ListSet | ListReplica;
  readonly exceptions: Exceptions;
}

export class Blocklist implements PluginInstance, Policy {
  readonly concerns: (client: Address) => boolean;
  readonly exempts: (client: Address) => boolean;
  readonly #options: BlocklistOptions;
  readonly #context: PluginContext<DnsBlock>;
  readonly #blocked: Family<'list', Count>;
  #kept: Kept | undefined;
  #endWatching = (): void => undefined;

  constructor(options: BlocklistOptions, context: PluginContext<DnsBlock>) {
    const { block: { hooks }, host: { metrics } } = context;
    this.#options = options;
    this.#context = context;
    this.concerns = options.clients.length === 0 ? () => true : inAny(options.clients);
    this.exempts = inAny(options.exempt);
    this.#blocked = metrics.counter('blocklist_blocked_total', 'Queries that a list has blocked.', ['list']);
    hooks.query.tap('blocklist', (query) => this.#judge(query));
    if (options.inspect) hooks.inspect.tap('blocklist', (reply, query) => this.#inspect(reply, query));
  }

  async load(): Promise<void> {
    const { host, log } = this.#context;
    const { lists, exceptions: path } = this.#options;
    const { clock, metrics, workers } = host;
    const tooMany = limitAlarm({ clock, metrics, log }, 'listExceptions', 'no more exceptions are made');
    this.#kept = {
      lists: host.keep(topicOfLists(lists), () =>
        (workers.isFirst ? new ListSet(lists, { clock, metrics, log, workers }) : new ListReplica(lists, workers))),
      exceptions: host.keep(`blocklist exceptions ${path ?? ''}`, () => new Exceptions(path, { clock, workers, tooMany })),
    };
    this.#endWatching = this.exceptions.onChange((name, subdomains) => this.#context.block.hooks.forget.call(name, subdomains));
    const problem = await this.exceptions.load();
    if (problem !== undefined) log.error(problem);
    await this.set?.open(host.generation);
  }

  start(): void {
    this.set?.watch();
  }

  stop(): void {
    this.#endWatching();
  }

  unready(): string | undefined {
    return this.#kept === undefined ? 'the lists are not loaded' : this.set?.problem;
  }

  /** What loads the lists; in worker 0 alone. */
  get set(): ListSet | undefined {
    const { lists } = this.#loaded;
    return lists instanceof ListSet ? lists : undefined;
  }

  get exceptions(): Exceptions {
    return this.#loaded.exceptions;
  }

  get lists(): Lists {
    return this.#loaded.lists.lists;
  }

  /** What holds for a name; `undefined` when no list has it. Without a client: for clients in general. */
  async find(name: Name, client: Address | undefined): Promise<Finding | undefined> {
    const verdict = verdictOn(this, name, client);
    if (!verdict.listed) return undefined;
    const { list: { path, format }, entry } = verdict;
    // A list that has gone since is still in force, but can't be cited.
    const line = path === undefined ? undefined : await lineOf(path, format, { name: entry, allow: false }).catch(() => undefined);
    return { verdict, line };
  }

  async explain(query: Query): Promise<Explanation | undefined> {
    const found = await this.find(query.name, query.client.address);
    if (found === undefined) return undefined;
    const { verdict: { list, entry, pardon }, line } = found;
    const where = `${list.label}${line === undefined ? '' : `, line ${line}`}${entry === query.name ? '' : ` (${textOfName(entry)} and all below it)`}`;
    return {
      decision: pardon === undefined ? `blocked by list ${where}` : `listed in ${where}, but not blocked: ${pardon}`,
      final: pardon === undefined,
      details: { list: list.label, path: list.path, line, entry: textOfName(entry) },
    };
  }

  get #loaded(): Kept {
    if (this.#kept === undefined) throw new Error('the plugin has not been loaded');
    return this.#kept;
  }

  #judge(query: Query): Reply | undefined {
    const entry = blockingEntry(this, query.bytes, headerOctets, query.questionEnd - 4, query.name, query.client.address);
    return entry === -1 ? undefined : this.#replyFor(entry, query);
  }

  /** A name that is not listed may be an alias of one that is. Who may have the name may have what it leads to. */
  #inspect(reply: Reply, query: Query): Reply {
    const client = query.client.address;
    for (const target of reply.targets) {
      const entry = this.lists.blocked.matchName(target);
      if (entry === -1 || pardonOf(this, target, client) !== undefined) continue;
      return pardonOf(this, query.name, client) === undefined ? this.#replyFor(entry, query) : reply;
    }
    return reply;
  }

  #replyFor(entry: number, query: Query): Reply {
    const { blocked, lists } = this.lists;
    const list = lists[blocked.listOf(entry)]!.label;
    this.#blocked.child({ list }).inc();
    return this.#options.replies.for(list, query.type);
  }
}
