/** Blocks and plugin definitions → the options of every directive, or every mistake. */
import { whereabouts } from '../errors.js';
import type { Mistake, Position } from '../errors.js';
import { section } from '../properties.js';
import type { OptionsOf, Properties, SectionDefinition } from '../properties.js';
import { attempt } from './mistakes.js';
import type { Block } from './parser.js';
import { readLine } from './reader.js';
import type { Statement } from './statements.js';
import { hint, quote } from './wording.js';

/** What `bind` needs to know of a plugin. */
export interface DirectiveDefinition extends SectionDefinition<unknown, Properties> {
  readonly name: string;
  readonly repeatable?: boolean;
  readonly processWide?: boolean;
}

/** One directive of one block, ready for `setup`. */
export interface BoundDirective<Definition> {
  readonly definition: Definition;
  readonly options: OptionsOf<unknown, Readonly<Record<string, unknown>>>;
  readonly at: Position;
  readonly block: Block;
}

export interface Bound<Definition> {
  /** Block by block; within a block in the order of the definitions, and those of one definition as in the file. */
  readonly directives: readonly BoundDirective<Definition>[];
  readonly mistakes: readonly Mistake[];
}

/**
 * Gives every directive its options.
 * @param definitions the plugins, in their order of action
 */
export function bind<Definition extends DirectiveDefinition>(blocks: readonly Block[], definitions: readonly Definition[]): Bound<Definition> {
  const rank = new Map(definitions.map(({ name }, i) => [name, i]));
  const mistakes: Mistake[] = [];
  const inProcess = new Map<string, Position>();
  const directives = blocks.flatMap((block) => {
    const inBlock = new Map<string, Position>();
    const bound = block.directives.flatMap((statement) => {
      const { name } = statement;
      const definition = definitions[rank.get(name.text) ?? -1];
      if (definition === undefined) {
        mistakes.push({ at: name.at, problem: `there is no directive ${quote(name.text)}${hint(name.text, [...rank.keys()])}` });
        return [];
      }
      mistakes.push(...doubled(definition, statement, definition.processWide === true ? inProcess : inBlock));
      return bindDirective(definition, statement, block, mistakes);
    });
    return bound.sort((a, b) => rank.get(a.definition.name)! - rank.get(b.definition.name)!);
  });
  return { directives, mistakes };
}

function doubled(definition: DirectiveDefinition, { name }: Statement, seen: Map<string, Position>): Mistake[] {
  const first = seen.get(definition.name);
  if (first === undefined) seen.set(definition.name, name.at);
  if (first === undefined || definition.repeatable === true) return [];
  const rule = definition.processWide === true ? 'acts on the whole process and may stand once' : 'may stand once in a block';
  return [{ at: name.at, directive: definition.name, problem: `${rule}; the first is at ${whereabouts(first)}` }];
}

function bindDirective<Definition extends DirectiveDefinition>(
  definition: Definition,
  statement: Statement,
  block: Block,
  mistakes: Mistake[],
): BoundDirective<Definition>[] {
  const own: Mistake[] = [];
  const bound = attempt(() => readLine(section(definition), statement), own);
  mistakes.push(...own.map((mistake) => ({ ...mistake, directive: definition.name })));
  return bound.map((options) => ({ definition, options, at: statement.name.at, block }));
}
