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

/** All that was read of a configuration; plain data, from which another thread reads the same. */
export interface ConfigurationText {
  /** The main file. */
  readonly file: string;
  /** Path → text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Directory and pattern → the files that matched. */
  readonly matches: ReadonlyMap<string, readonly string[]>;
}

const keyOfGlob = (pattern: string, directory: string): string => `${directory}\0${pattern}`;

/** A source that remembers what was read from it. */
export function recording(source: FileSource, file: string, text: string | undefined): FileSource & { readonly read: ConfigurationText } {
  const texts = new Map<string, string>(text === undefined ? [] : [[file, text]]);
  const matches = new Map<string, readonly string[]>();
  return {
    read: { file, texts, matches },
    readFile(path) {
      const found = source.readFile(path);
      texts.set(path, found);
      return found;
    },
    glob(pattern, directory) {
      const found = source.glob(pattern, directory);
      matches.set(keyOfGlob(pattern, directory), found);
      return found;
    },
  };
}

/** What was read once, to be read again as it was. */
export const recorded = ({ texts, matches }: ConfigurationText): FileSource => ({
  readFile(path) {
    const text = texts.get(path);
    if (text === undefined) throw new Error('it was not read before');
    return text;
  },
  glob: (pattern, directory) => matches.get(keyOfGlob(pattern, directory)) ?? [],
});

/** Whether `import` takes it for a pattern, as Go's filepath.Glob does. */
export const isPattern = (path: string): boolean => /[*?[]/.test(path);
