/** Who may import whom. */
import { posix } from 'node:path';
import ts from 'typescript';
import { perFile, type Finding, type Rule, type TidyFile } from './files.js';

interface Import {
  readonly node: ts.Node;
  readonly specifier: string;
}

function importsOf(file: TidyFile): Import[] {
  const imports: Import[] = [];
  for (const node of file.nodes()) {
    const specifier = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0]
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
    if (specifier !== undefined && ts.isStringLiteral(specifier)) imports.push({ node: specifier, specifier: specifier.text });
  }
  return imports;
}

/** The path that a relative import names, from the root; `undefined` for a package. */
const targetOf = (file: TidyFile, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;

/** Which rooms a room may import from, besides itself. Tests and measurements may import what they like. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  core: [],
  plugins: ['core'],
  testing: ['core', 'plugins', 'ha'],
  vpndns: ['core', 'plugins'],
  ha: ['core', 'plugins'],
  jail: ['core'],
  examples: ['core', 'testing'],
};

const roomOf = (path: string): string => path.split('/')[0]!;
/** `plugins/cache/` of `plugins/cache/store.ts`, `ha/plugins/route/` of `ha/plugins/route/index.ts`. */
const pluginFolderOf = (path: string): string | undefined => /^(?:ha\/)?plugins\/[^/]+\//.exec(path)?.[0];

function wrongWay(file: TidyFile, target: string): string | undefined {
  const [from, to] = [roomOf(file.path), roomOf(target)];
  const mayImport = neighbours[from];
  if (mayImport === undefined) return undefined;
  if (to === 'testing' && file.isTest) return undefined;
  if (from !== to && !mayImport.includes(to)) return `${from} must not import ${to}`;
  if (file.path.startsWith('ha/machine/') && !target.startsWith('ha/machine/')) return 'the machine imports nothing';
  const [own, other] = [pluginFolderOf(file.path), pluginFolderOf(target)];
  if (own !== undefined && other !== undefined && own !== other) return `a plugin must not import another's folder (${other}); what both need belongs in core`;
  return undefined;
}

/** Packages with one door each: everybody else goes through the module behind it. */
const doors: Readonly<Record<string, string>> = {
  'dns-packet': 'core/wire/',
  'tapable': 'core/hooks.ts',
  'ipaddr.js': 'core/address.ts',
  'prom-client': 'core/metrics.ts',
  'zod': 'jail/site/',
};

export const importRules: readonly Rule[] = [
  perFile('imports point one way', (file) => file.isTypeScript && !/^(?:test|bench)\//.test(file.path), (file) =>
    importsOf(file).flatMap(({ node, specifier }): Finding[] => {
      const target = targetOf(file, specifier);
      const problem = target === undefined ? undefined : wrongWay(file, target);
      return problem === undefined ? [] : [file.findingAt(node, problem)];
    })),
  // The test kit wants a decoder that is not ours.
  perFile('a package has one door', (file) => file.isTypeScript && !file.isTest && !file.path.startsWith('testing/'), (file) =>
    importsOf(file).flatMap(({ node, specifier }): Finding[] => {
      const door = doors[specifier];
      return door === undefined || file.path.startsWith(door) ? [] : [file.findingAt(node, `only ${door} imports ${specifier}`)];
    })),
];
