/** The records of one `static` directive: read at the start and whenever somebody asks; the old ones answer until the new ones stand. */
import { readFile } from 'node:fs/promises';
import type { Address } from '../../core/address.js';
import { messageOf, OperationalError, type Position } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Name } from '../../core/name.js';
import type { Explanation, PluginInstance } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import { readStaticFile, StaticTable, type StaticRecord } from './static.js';

export interface StaticOptions {
  readonly files: readonly string[];
  /** `record NAME ADDRESS…` lines of the Corefile. */
  readonly inline: readonly { readonly name: Name; readonly addresses: readonly Address[]; readonly at: Position }[];
  readonly ttl: number;
  readonly ptr: boolean;
  readonly log: Logger;
}

/** Lines of the log that tell of bad lines; the rest is a count. */
const badLinesShown = 10;

export class StaticRecords implements PluginInstance {
  readonly #options: StaticOptions;
  table: StaticTable;

  constructor(options: StaticOptions) {
    this.#options = options;
    this.table = new StaticTable(this.#inline(), options.ttl, options.ptr);
  }

  async load(): Promise<void> {
    const { errors, unreadable } = await this.read();
    if (unreadable > 0) throw new OperationalError(errors.join('\n'));
  }

  /** Reads all files. A bad line is reported and skipped; when a file can't be read at all, the old records stay. */
  async read(): Promise<{ readonly records: number; readonly errors: readonly string[]; readonly unreadable: number }> {
    const { files, ttl, ptr, log } = this.#options;
    const records: StaticRecord[] = this.#inline();
    const errors: string[] = [];
    const unreadable: string[] = [];
    for (const file of files) {
      try {
        const read = readStaticFile(file, await readFile(file, 'utf8'));
        records.push(...read.records);
        errors.push(...read.errors);
      } catch (error) {
        unreadable.push(`cannot read ${file}: ${messageOf(error)}`);
      }
    }
    for (const error of errors.slice(0, badLinesShown)) log.warning(`skipped ${error}`);
    if (errors.length > badLinesShown) log.warning(`skipped ${errors.length - badLinesShown} more lines`);
    if (unreadable.length > 0) return { records: 0, errors: unreadable, unreadable: unreadable.length };
    this.table = new StaticTable(records, ttl, ptr);
    return { records: records.length, errors, unreadable: 0 };
  }

  explain(query: Query): Explanation | undefined {
    const reply = this.table.find(query.name, query.type);
    if (reply === undefined) return undefined;
    const source = this.table.sourceOf(query.name);
    return { decision: `${reply.answers === 0 ? 'knows the name, but nothing of this type: an empty answer' : 'answers'}, by ${source}`, final: true };
  }

  #inline(): StaticRecord[] {
    return this.#options.inline.flatMap(({ name, addresses, at }) => addresses.map((address) => ({ name, address, file: at.file, line: at.line })));
  }
}
