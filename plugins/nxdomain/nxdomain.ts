/** Names that do not exist, by decree: what matches one of the expressions gets NXDOMAIN and never leaves the host. */
import { readFile } from 'node:fs/promises';
import { messageOf, OperationalError, type Position } from '../../core/errors.js';
import type { Explanation } from '../../core/plugin.js';
import { regexp, type Regexp } from '../../core/properties.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, rcode } from '../../core/wire/layout.js';
import { denialSoa } from '../../core/wire/records.js';

/** Seconds for which clients may keep the denial. */
const ttl = 60;
const nxdomain = createReply(rcode.nxDomain, 'nxdomain', {
  authorities: 1, body: denialSoa(ttl), error: extendedError(ede.blocked, 'this name is configured not to exist'),
});

interface Rule {
  readonly expression: Regexp;
  readonly at: Position;
}

export interface Nxdomain {
  /** Reads the files. Throws an OperationalError that names every bad line. */
  load(): Promise<void>;
  judge(query: Query): Reply | undefined;
  explain(query: Query): Explanation | undefined;
}

/** @param at where the directive stands */
export function createNxdomain(expressions: readonly Regexp[], files: readonly string[], at: Position): Nxdomain {
  const own = expressions.map((expression): Rule => ({ expression, at }));
  let rules: readonly Rule[] = own;
  const find = (query: Query): Rule | undefined => {
    const text = query.text;
    return rules.find(({ expression }) => expression.test(text));
  };
  return {
    async load() {
      rules = [...own, ...(await Promise.all(files.map(readRules))).flat()];
    },
    judge: (query) => (find(query) === undefined ? undefined : nxdomain),
    explain(query) {
      const rule = find(query);
      return rule && { decision: `does not exist, by the expression ${rule.expression.source}`, final: true, at: rule.at };
    },
  };
}

/** One expression a line; blank lines and `#` comments are skipped. */
async function readRules(file: string): Promise<Rule[]> {
  const kind = regexp({ ignoreCase: true });
  const rules: Rule[] = [];
  const problems: string[] = [];
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new OperationalError(`cannot read ${file}: ${messageOf(error)}`);
  });
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const source = line.trim();
    if (source === '' || source.startsWith('#')) continue;
    const at = { file, line: i + 1, column: 1 };
    try {
      rules.push({ expression: kind.read(source, at), at });
    } catch (error) {
      problems.push(`${file}:${i + 1}: ${messageOf(error)}`);
    }
  }
  if (problems.length > 0) throw new OperationalError(problems.join('\n'));
  return rules;
}
