/**
 * The formats of blocklists. A parser takes a file line by line, as bytes, and hands what it finds to a sink. It never throws, whatever the bytes.
 *
 * | format     | a line                                              | covers                        |
 * |------------|-----------------------------------------------------|-------------------------------|
 * | `plain`    | `name`                                              | as configured                 |
 * | `hosts`    | `0.0.0.0 name…` (127.0.0.1, ::, ::1 too)            | as configured                 |
 * | `adblock`  | `||name^`, `@@||name^`; plain and hosts lines too   | the name and what is below it |
 * | `dnsmasq`  | `address=/name…/…`, `local=/name…/`, `server=/…/`   | the name and what is below it |
 * | `rpz`      | `name CNAME .`, `*.name CNAME .`                    | the name; what is below it    |
 * | `wildcard` | `*.name`, `name`                                    | the name and what is below it |
 */
import type { Coverage } from '../../../core/lists/name-table.js';
import { adblockParser } from './adblock.js';
import { isBlank, skipBlanks } from './bytes.js';
import { dnsmasqParser } from './dnsmasq.js';
import { EntryReader, type EntrySink, type LineHandler, type ParserFactory } from './entries.js';
import { hostsParser, plainParser, wildcardParser } from './hosts.js';
import { rpzParser } from './rpz.js';

const parsers = {
  plain: plainParser,
  hosts: hostsParser,
  adblock: adblockParser,
  dnsmasq: dnsmasqParser,
  rpz: rpzParser,
  wildcard: wildcardParser,
} as const satisfies Record<string, ParserFactory>;

export type Format = keyof typeof parsers;
export const formats = Object.keys(parsers) as readonly Format[];

/**
 * A parser for one file, to be fed its lines in order, without their newlines.
 * @param coverage what a name covers in the formats that don't say it themselves
 */
export function createParser(format: Format, coverage: Coverage, sink: EntrySink): LineHandler {
  const parse: LineHandler = parsers[format](new EntryReader(sink), coverage);
  return (bytes, start, end) => {
    const first = skipBlanks(bytes, start, end);
    let last = end;
    while (last > first && isBlank(bytes[last - 1]!)) last--;
    // In a zone file, a blank at the start stands for the owner of the record before.
    if (first < last) parse(bytes, format === 'rpz' ? start : first, last);
  };
}
