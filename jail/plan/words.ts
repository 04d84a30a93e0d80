/** Words for a POSIX shell. */

/** Quoted where the shell would read more than the word. */
export const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** A command as one would type it. */
export const lineOf = (argv: readonly string[]): string => argv.map(quote).join(' ');
