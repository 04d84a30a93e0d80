/** A plugin is a folder with fixed parts and one name. */
import ts from 'typescript';
import type { Finding, Rule, TidyFile } from './files.js';

const sections = ['Name', 'Description', 'Syntax', 'Examples', 'Metrics', 'API', 'Bugs'];

interface PluginFolder {
  /** `plugins/cache` */
  readonly path: string;
  readonly name: string;
  /** By their names in the folder. */
  readonly files: ReadonlyMap<string, TidyFile>;
}

function foldersOf(files: readonly TidyFile[]): PluginFolder[] {
  const folders = new Map<string, Map<string, TidyFile>>();
  for (const file of files) {
    const [, path, name] = /^((?:ha\/)?plugins\/[^/]+)\/(.+)$/.exec(file.path) ?? [];
    if (path !== undefined && name !== undefined) folders.set(path, (folders.get(path) ?? new Map<string, TidyFile>()).set(name, file));
  }
  return [...folders].map(([path, inside]) => ({ path, name: path.slice(path.lastIndexOf('/') + 1), files: inside }));
}

const perFolder = (name: string, check: (folder: PluginFolder, files: readonly TidyFile[]) => Finding[]): Rule => ({
  name,
  check: (files) => foldersOf(files).flatMap((folder) => check(folder, files)),
});

/** The lines of a Markdown file outside its code. */
const prose = (file: TidyFile): string[] => {
  let fence = false;
  return file.lines.map((line) => {
    const isFence = /^(?:```|~~~)/.test(line);
    if (isFence) fence = !fence;
    return fence || isFence ? '' : line;
  });
};

/** The `name` of what `definePlugin({ … })`, or a sister of it, is given. */
function declaredName(index: TidyFile): string | undefined {
  for (const node of index.nodes()) {
    if (!ts.isCallExpression(node) || !/^define\w*Plugin\w*$/.test(node.expression.getText())) continue;
    const [definition] = node.arguments;
    if (definition === undefined || !ts.isObjectLiteralExpression(definition)) continue;
    const name = definition.properties.find((property) => property.name?.getText() === 'name');
    if (name !== undefined && ts.isPropertyAssignment(name) && ts.isStringLiteral(name.initializer)) return name.initializer.text;
  }
  return undefined;
}

export const pluginRules: readonly Rule[] = [
  perFolder('a plugin is whole', ({ path, files }) => {
    const missing = ['index.ts', 'README.md'].filter((name) => !files.has(name));
    if (![...files.keys()].some((name) => name.endsWith('.test.ts'))) missing.push('a test');
    return missing.map((what) => ({ path, line: 1, problem: `${what} is missing` }));
  }),
  perFolder('one word names a plugin', ({ path, name, files }) => {
    const index = files.get('index.ts');
    const title = files.get('README.md')?.lines[0];
    const problems: string[] = [];
    if (index !== undefined && declaredName(index) !== name) problems.push(`index.ts declares ${declaredName(index) ?? 'no plugin'}, the folder is ${name}`);
    if (title !== undefined && title !== `# ${name}`) problems.push(`README.md begins with '${title}'; expected '# ${name}'`);
    return problems.map((problem) => ({ path, line: 1, problem }));
  }),
  perFolder("a plugin's README has its sections", ({ files }) => {
    const readme = files.get('README.md');
    if (readme === undefined) return [];
    const found = prose(readme).filter((line) => line.startsWith('## ')).map((line) => line.slice(3).trim());
    if (found.join() === sections.join()) return [];
    return [{ path: readme.path, line: 1, problem: `the sections are ${found.join(', ')}; expected ${sections.join(', ')}` }];
  }),
  perFolder('every plugin is in the list', ({ path, name }, files) => {
    const list = files.find((file) => file.path === path.replace(/[^/]+$/, 'index.ts'));
    if (list === undefined || list.text.includes(`'./${name}/index.js'`)) return [];
    return [{ path: list.path, line: 1, problem: `${name} is missing` }];
  }),
];
