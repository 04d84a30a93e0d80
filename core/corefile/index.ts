/**
 * The configuration language: text → words → statements → blocks → typed options.
 *
 *     const parsed = parseCorefile({ file: 'Corefile', env });        // imports and snippets included
 *     … load parsed.plugins …
 *     const bound = bind(parsed.blocks, plugins);                     // every directive's options, typed and complete
 *     const mistakes = inFileOrder([...parsed.mistakes, ...bound.mistakes], parsed.files);
 */
import { at as textOfPosition } from '../errors.js';
import type { Mistake } from '../errors.js';

export { parseCorefile } from './parser.js';
export type { Block, ExternalPlugin, ParsedCorefile, ParseOptions } from './parser.js';
export { bind } from './bind.js';
export type { Bound, BoundDirective, DirectiveDefinition } from './bind.js';
export { dnsAddress, readAddresses } from './address.js';
export type { ServerAddress } from './address.js';
export { fileSystem, recorded, recording, type ConfigurationText } from './files.js';
export type { FileSource } from './files.js';
export type { ImportedGlob } from './importer.js';
export type { Environment } from './lexer.js';

/** Mistakes as a reader of the files meets them; one that several imports of a snippet repeat is told once. */
export function inFileOrder(mistakes: readonly Mistake[], files: readonly string[]): Mistake[] {
  const place = new Map(files.map((file, i) => [file, i]));
  const fileOf = ({ at }: Mistake): number => place.get(at.file) ?? files.length;
  const unique = new Map<string, Mistake>();
  for (const mistake of mistakes) {
    const key = `${textOfPosition(mistake.at)} ${mistake.directive ?? ''} ${mistake.problem}`;
    if (!unique.has(key)) unique.set(key, mistake);
  }
  return [...unique.values()].sort((a, b) => fileOf(a) - fileOf(b) || a.at.line - b.at.line || a.at.column - b.at.column);
}
