/**
 * The rules of the house. A rule takes files and returns what breaks it; `tidy.test.ts` holds the repository against all of them, and
 * proves of each, with an example, that it can fail.
 */
import { codeRules } from './tidy/code.js';
import type { Finding, Rule, TidyFile } from './tidy/files.js';
import { importRules } from './tidy/imports.js';
import { pluginRules } from './tidy/plugins.js';
import { textRules } from './tidy/text.js';

export { readRepository, repositoryRoot, TidyFile, type Finding } from './tidy/files.js';

export const rules: readonly Rule[] = [...importRules, ...codeRules, ...textRules, ...pluginRules];

/**
 * Files that may break a rule for now, by the rule's name: `['files are short', ['core/x.ts']]`. The lists only shrink: a file that
 * keeps its rule may not stay in one.
 */
export const exceptions: ReadonlyMap<string, readonly string[]> = new Map();

/** What breaks a rule without leave, and leave that nobody needs. */
export function judge(rule: Rule, files: readonly TidyFile[], excepted: readonly string[] = exceptions.get(rule.name) ?? []): Finding[] {
  const findings = rule.check(files);
  const idle = excepted.filter((path) => !findings.some((finding) => finding.path === path));
  return [
    ...findings.filter(({ path }) => !excepted.includes(path)),
    ...idle.map((path) => ({ path, line: 1, problem: 'keeps the rule; take it off the list of exceptions' })),
  ];
}
