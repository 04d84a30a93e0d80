/** Files of rules as ipfw(8) reads them: a command a line, without the word `ipfw`. */
import { createHash } from 'node:crypto';

/** A lookup table (ipfw(8), LOOKUP TABLES). */
export interface Table {
  readonly name: string;
  readonly type: 'addr' | 'iface';
  readonly entries: readonly string[];
}

/** Creates a table, or empties it, and fills it. */
export const tableLines = ({ name, type, entries }: Table): readonly string[] =>
  [`table ${name} create type ${type} or-flush`, ...entries.map((entry) => `table ${name} add ${entry}`)];

/** A table that holds what is learned later, and keeps it when the rules are loaded again. */
export const keptTable = (name: string): string => `table ${name} create type addr missing`;

/** DNS over UDP and over TCP: the same rule for both. */
export const forBoth = (rule: (protocol: 'udp' | 'tcp') => string): readonly string[] => (['udp', 'tcp'] as const).map(rule);

/** A rule file with its mark at the end: a number that its text makes, in a table, where a test can see whether these rules are in force. */
export function marked(lines: readonly string[], table: string): { readonly text: string; readonly mark: string } {
  const mark = String(createHash('sha256').update(lines.join('\n')).digest().readUInt32BE());
  const end = ['', '# All of the above is in force: which rules these are.', `table ${table} create type number or-flush`, `table ${table} add ${mark}`];
  return { text: `${[...lines, ...end].join('\n')}\n`, mark };
}
