/** What may stand in TypeScript. */
import ts from 'typescript';
import { isSource, perFile, perLine, type Rule, type TidyFile } from './files.js';

const functionLinesMax = 70;
const fileLinesMax = 400;
const columnsMax = 160;

/** Where the outside world comes in: `core/runtime.ts` hands it to everybody else, a command starts with it, and this is what a process is. */
const worldly = new Set([
  'core/runtime.ts', 'core/process-metrics.ts', 'core/command/main.ts', 'core/command/serve.ts', 'core/command/notify.ts', 'vpndns/vpndns.ts',
  'ha/demo/demo.ts', 'ha/demo/ports.ts', 'ha/demo/wan.ts',
  'ha/dynvpn.ts', 'ha/guard/process.ts', 'core/process/run.ts', 'ha/sim/sim.ts', 'jail/vpnjail.ts',
]);
const worldlyNames = new Set(['process', 'setTimeout', 'setInterval']);
const worldlyCalls = new Set(['Date.now', 'performance.now', 'Math.random']);
const worldlyModules = new Set(['node:process', 'node:timers', 'node:timers/promises']);

/** What of the outside world a node reaches for. */
function reachesFor(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && worldlyNames.has(node.text) && isReference(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) && worldlyCalls.has(node.getText())) return node.getText();
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'globalThis' && worldlyNames.has(node.name.text)) return node.getText();
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) return 'new Date()';
  if (ts.isStringLiteral(node) && ts.isImportDeclaration(node.parent) && worldlyModules.has(node.text)) return node.text;
  return undefined;
}

/** Whether an identifier stands for a value, and is not the name of somebody's property. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isImportSpecifier(parent) || ts.isTypeQueryNode(parent)) return false;
  const names = ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)
    || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent);
  return !(names && parent.name === node);
}

/** `test.only`, `test.serial.skip` … */
function unrunTest(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || !['only', 'skip', 'todo', 'failing'].includes(node.name.text)) return false;
  return /^test(?:\.\w+)*$/.test(node.expression.getText());
}

const linesOf = (file: TidyFile, node: ts.Node): number => file.lineOf(node.getEnd()) - file.lineOf(node.getStart(file.tree)) + 1;

/** A rule on single nodes: what is wrong with one, if anything. */
const perNode = (name: string, applies: (file: TidyFile) => boolean, problemOf: (node: ts.Node, file: TidyFile) => string | undefined): Rule =>
  perFile(name, (file) => file.isTypeScript && applies(file), (file) => [...file.nodes()].flatMap((node) => {
    const problem = problemOf(node, file);
    return problem === undefined ? [] : [file.findingAt(node, problem)];
  }));

const everywhere = (): boolean => true;

export const codeRules: readonly Rule[] = [
  perNode('the outside world is handed in', (file) => !file.isTest && !worldly.has(file.path), (node) => {
    const what = reachesFor(node);
    return what && `${what} is used; take it from the host's runtime`;
  }),
  perNode('functions are short', everywhere, (node, file) => {
    const lines = ts.isFunctionLike(node) ? linesOf(file, node) : 0;
    return lines > functionLinesMax ? `a function of ${lines} lines; at most ${functionLinesMax}` : undefined;
  }),
  perNode('no any', everywhere, (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'any says nothing; unknown is honest' : undefined)),
  perNode('every test runs', everywhere, (node) => (unrunTest(node) ? `${node.getText()} keeps tests from running` : undefined)),
  perLine('lines fit a screen', isSource, (line) => (line.length > columnsMax ? `${line.length} columns; at most ${columnsMax}` : undefined)),
  perFile('files are short', isSource, ({ path, lines }) => {
    const count = lines.length - 1;
    return count > fileLinesMax ? [{ path, line: fileLinesMax + 1, problem: `${count} lines; at most ${fileLinesMax}` }] : [];
  }),
];
