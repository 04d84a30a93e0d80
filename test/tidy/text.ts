/** What may not stand in any file. */
import { isSource, perLine, type Rule, type TidyFile } from './files.js';

/** The bad examples of these rules have to stand somewhere. */
const examples = 'test/tidy.test.ts';

const forbid = (name: string, pattern: RegExp, problemOf: (found: string) => string, applies: (file: TidyFile) => boolean = () => true): Rule =>
  perLine(name, (file) => file.path !== examples && applies(file), (line) => {
    const found = pattern.exec(line)?.[0];
    return found === undefined ? undefined : problemOf(found);
  });

const registry = /\/\/(?:[\w-]+\.)*(?:registry|mirror|artifactory|nexus|verdaccio)[\w-]*[.:/][\w.:/-]*|^\s*(?:@[\w-]+:)?registry\s*=.*/;

export const textRules: readonly Rule[] = [
  forbid('nothing is put off', /\b(?:TO[D]O|FIX[M]E)\b/, (found) => `${found}: do it, or leave it`),
  forbid('the compiler is not silenced', /@ts-(?:ignore|expect-error|nocheck)/, (found) => `${found} hides a mistake`, isSource),
  forbid('no path of one machine', /(?<![\w.~)-])\/(?:work|home|Users|tmp\/wt)\/[\w.-]+/, (found) => `${found} exists on one machine only`),
  forbid('no host of a registry', registry, (found) => `${found} is not everybody's registry`),
  forbid('the lock file names no addresses', /"resolved":.*/, (found) => `${found} (see omit-lockfile-registry-resolved in .npmrc)`,
    ({ path }) => path === 'package-lock.json'),
];
