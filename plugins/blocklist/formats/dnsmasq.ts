/** `address=/name…/ADDRESS`, `local=/name…/`, `server=/name…/`: a line of dnsmasq's configuration that takes names and all below them out of the DNS. */
import { below, zone } from '../../../core/lists/name-table.js';
import { code, find, startsWith, withoutComment } from './bytes.js';
import type { EntryReader, ParserFactory } from './entries.js';

const slash = code('/');
const hash = code('#');

/** The settings, with the slash before the first name. */
const settings = ['address=/', 'server=/', 'local=/'] as const;

export const dnsmasqParser: ParserFactory = (reader) => (bytes, start, end) => {
  if (bytes[start] !== hash) readSetting(reader, bytes, start, withoutComment(bytes, start, end, true));
};

function readSetting(reader: EntryReader, bytes: Uint8Array, start: number, end: number): void {
  const setting = settings.find((prefix) => startsWith(bytes, start, end, prefix));
  if (setting === undefined) return reader.sink.bad('it is no address=/…/, local=/…/ or server=/…/');
  const names = start + setting.length;
  const value = bytes.lastIndexOf(slash, end - 1) + 1;
  if (value <= names) return reader.sink.bad('the slash behind the name is missing');
  // A server named `#` is the usual one: dnsmasq's way to except a name. Any other server is a route, not a block.
  const usual = end - value === 1 && bytes[value] === hash;
  if (setting !== 'address=/' && value < end && !usual) return reader.sink.bad('it sends the name to a server and does not block it');
  for (let name = names; name < value; ) {
    const nameEnd = find(slash, bytes, name, value);
    reader.pattern(bytes, name, nameEnd, zone, below, usual && setting !== 'address=/');
    name = nameEnd + 1;
  }
}
