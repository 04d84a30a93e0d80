/** What the rules of the house look at: files with their text and, for TypeScript, their syntax tree. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import ts from 'typescript';

/** A file of the repository; its path is relative to the root, with slashes. */
export class TidyFile {
  readonly path: string;
  readonly text: string;
  #tree: ts.SourceFile | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  get lines(): string[] {
    return this.text.split('\n');
  }

  get isTypeScript(): boolean {
    return this.path.endsWith('.ts');
  }

  /** Unit tests, and the rooms that hold nothing but tests and measurements. */
  get isTest(): boolean {
    return this.path.endsWith('.test.ts') || /^(?:test|bench)\//.test(this.path);
  }

  get tree(): ts.SourceFile {
    return (this.#tree ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.ES2023, true));
  }

  /** Every node of the tree, in the order of the text. */
  *nodes(node: ts.Node = this.tree): Generator<ts.Node> {
    yield node;
    for (const child of node.getChildren(this.tree)) yield* this.nodes(child);
  }

  /** A finding at a node of the tree. */
  findingAt(node: ts.Node, problem: string): Finding {
    return { path: this.path, line: this.lineOf(node.getStart(this.tree)), problem };
  }

  lineOf(offset: number): number {
    return this.tree.getLineAndCharacterOfPosition(offset).line + 1;
  }
}

/** One place that breaks a rule; lines count from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

/** A rule of the house: what it says, and what of these files breaks it. */
export interface Rule {
  readonly name: string;
  check(files: readonly TidyFile[]): Finding[];
}

/** A rule that judges each file by itself. */
export const perFile = (name: string, applies: (file: TidyFile) => boolean, check: (file: TidyFile) => Finding[]): Rule => ({
  name,
  check: (files) => files.filter(applies).flatMap(check),
});

/** A rule that judges each line by itself. */
export const perLine = (name: string, applies: (file: TidyFile) => boolean, problemOf: (line: string) => string | undefined): Rule =>
  perFile(name, applies, ({ path, lines }) => lines.flatMap((line, i) => {
    const problem = problemOf(line);
    return problem === undefined ? [] : [{ path, line: i + 1, problem }];
  }));

export const isSource = ({ path }: TidyFile): boolean => /\.(?:ts|mjs)$/.test(path);

/** The directory of the nearest package.json above this module, compiled or not. */
export function repositoryRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

/** All files that are, or would be, under version control. */
export function readRepository(root: string): TidyFile[] {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8').split('\n').filter((line) => line !== '');
  const ignore = ['.git', '.git/**', ...ignored.map((pattern) => (pattern.endsWith('/') ? `**/${pattern}**` : `**/${pattern}`))];
  return globSync('**', { cwd: root, dot: true, ignore }).sort().map((path) => new TidyFile(path, readFileSync(join(root, path), 'utf8')));
}
