/**
 * Mistakes that people make and must be able to mend: every one knows where it stands.
 * (Programming errors are plain `Error`s and `assert`s; the network's are values.)
 */

/** A place in a configuration file; line and column (in UTF-16 code units, as editors count) count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of that line, for the caret. */
  readonly source?: string;
  /** The `import` line that brought this place in, where there is one. */
  readonly via?: Position;
}

/** `Corefile:3:5` — the form in which editors and terminals make a place clickable. */
export const at = (place: Position): string => `${place.file}:${place.line}:${place.column}`;

/** One mistake in a configuration. */
export interface Mistake {
  readonly at: Position;
  /** The directive it belongs to, where there is one. */
  readonly directive?: string;
  /** What is wrong and what was expected, in one line. */
  readonly problem: string;
}

/** ` (imported at parts.conf:2:1, by Corefile:3:5)`, or nothing. */
function importsOf(place: Position): string {
  const imports: string[] = [];
  for (let via = place.via; via !== undefined; via = via.via) imports.push(at(via));
  return imports.length === 0 ? '' : ` (imported at ${imports.join(', by ')})`;
}

/** A place and by way of which imports it came, where there were any. */
export const whereabouts = (place: Position): string => `${at(place)}${importsOf(place)}`;

/** `FILE:LINE:COLUMN: DIRECTIVE: what is wrong`, and by way of which imports. */
export const describeMistake = ({ at: place, directive, problem }: Mistake): string =>
  `${at(place)}: ${directive === undefined ? '' : `${directive}: `}${problem}${importsOf(place)}`;

/** The same with the source line and a caret below it, for a terminal. */
export function drawMistake(mistake: Mistake): string {
  const text = describeMistake(mistake);
  const { source, column } = mistake.at;
  if (source === undefined) return text;
  // Tabs stay tabs in the caret's indent, so that it stands under its character at any tab width.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${text}\n    ${source}\n    ${indent}^`;
}

/** A configuration that can't be used: all its mistakes at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(describeMistake).join('\n'));
    this.mistakes = mistakes;
  }
}

/** Something outside the configuration that an administrator must mend (a port in use, a file that can't be read): one clear line. */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
}

/** Everything that went wrong in starting or stopping a set of plugins. */
export class LifecycleError extends Error {
  override readonly name = 'LifecycleError';
  readonly errors: readonly Error[];

  constructor(errors: readonly Error[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.errors = errors;
  }
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
