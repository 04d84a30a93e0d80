/** Where a configuration's files come from; a test, or `--check` of a text in memory, puts its own in place. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { globSync } from 'tinyglobby';

/** Paths are as the reader of a message knows them: as given, or relative to the directory of the file that imports. */
export interface FileSource {
  /** The text of a file; throws when it can't be read. */
  readFile(path: string): string;
  /** The files that match, in alphabetical order. A relative pattern counts from the directory; a dot at a name's start must be written. */
  glob(pattern: string, directory: string): readonly string[];
}

export const fileSystem: FileSource = {
  readFile: (path) => readFileSync(path, 'utf8'),
  glob(pattern, directory) {
    const absolute = isAbsolute(pattern);
    const found = globSync(pattern, { cwd: directory, absolute, expandDirectories: false });
    return found.map((path) => (absolute ? path : join(directory, path))).sort();
  },
};

/** Whether `import` takes it for a pattern, as Go's filepath.Glob does. */
export const isPattern = (path: string): boolean => /[*?[]/.test(path);
