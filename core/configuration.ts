/** From a Corefile to a configuration that a host can set up: imports, external plugins and options resolved, or every mistake reported. */
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import {
  bind, fileSystem, inFileOrder, parseCorefile, recording,
  type Block, type ConfigurationText, type ExternalPlugin, type ImportedGlob, type ParseOptions,
} from './corefile/index.js';
import { messageOf, type Mistake, type Position } from './errors.js';
import type { AnyPlugin } from './plugin.js';

/** One place where a directive stands: what the Corefile says, bound to what the plugin takes. */
export interface ConfiguredDirective {
  readonly definition: AnyPlugin;
  readonly options: unknown;
  readonly at: Position;
}

/** A block of the configuration, its directives in the order in which their plugins act. */
export interface ConfiguredBlock extends Pick<Block, 'addresses' | 'at'> {
  readonly directives: readonly ConfiguredDirective[];
}

/** What a Corefile says. */
export interface Configuration {
  /** All plugins that this configuration may use, external ones included, in their order of action. */
  readonly plugins: readonly AnyPlugin[];
  readonly blocks: readonly ConfiguredBlock[];
  /** Every file that was read for it, the main one first. */
  readonly files: readonly string[];
  /** What they said. */
  readonly text: ConfigurationText;
  /** The patterns among its imports. */
  readonly globs: readonly ImportedGlob[];
  /** What is wrong with it, in the order of the files. With any, `blocks` hold what could be made of the rest: good for finding more, not for running. */
  readonly mistakes: readonly Mistake[];
}

/**
 * Reads a configuration; never throws for what is in it.
 * @param builtIn the plugins of this host, in their order of action
 */
export async function readConfiguration(builtIn: readonly AnyPlugin[], options: ParseOptions): Promise<Configuration> {
  const source = recording(options.source ?? fileSystem, options.file, options.text);
  const parsed = parseCorefile({ ...options, source });
  const mistakes: Mistake[] = [...parsed.mistakes];
  const plugins = [...builtIn];
  for (const external of parsed.plugins) await addExternal(external, plugins, mistakes);
  const bound = bind(parsed.blocks, plugins);
  mistakes.push(...bound.mistakes);
  if (parsed.blocks.length === 0 && mistakes.length === 0) {
    mistakes.push({ at: { file: options.file, line: 1, column: 1 }, problem: 'there is no block in it; the smallest is `. { whoami }`' });
  }
  const blocks = parsed.blocks.map((block) => {
    const directives = bound.directives.filter((directive) => directive.block === block);
    return { addresses: block.addresses, at: block.at, directives };
  });
  return { plugins, blocks, files: parsed.files, text: source.read, globs: parsed.globs, mistakes: inFileOrder(mistakes, parsed.files) };
}

/** Loads a plugin from elsewhere and puts it in its place; without one it acts last. */
async function addExternal({ module, place, at }: ExternalPlugin, plugins: AnyPlugin[], mistakes: Mistake[]): Promise<void> {
  try {
    const plugin = await loadPlugin(module, at);
    if (plugins.some(({ name }) => name === plugin.name)) throw new Error(`there is a plugin '${plugin.name}' already`);
    const anchor = place === undefined ? plugins.length : plugins.findIndex(({ name }) => name === place.name);
    if (anchor === -1) throw new Error(`it can't act ${place!.kind} '${place!.name}': there is no such plugin`);
    plugins.splice(place?.kind === 'after' ? anchor + 1 : anchor, 0, plugin);
  } catch (error) {
    mistakes.push({ at, directive: 'plugin', problem: messageOf(error) });
  }
}

/** A path counts from the file that names it; a package is looked up from there too. */
async function loadPlugin(module: string, at: Position): Promise<AnyPlugin> {
  const isPath = /^\.{0,2}\//.test(module);
  const file = isPath ? resolve(dirname(at.file), module) : fileOfPackage(module, at);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (error) {
    throw new Error(`can't load ${module}: ${messageOf(error)}`);
  }
  if (!isPlugin(loaded.default)) throw new Error(`the default export of ${module} is no plugin; make it with definePlugin()`);
  return loaded.default;
}

function fileOfPackage(name: string, at: Position): string {
  try {
    return createRequire(resolve(at.file)).resolve(name);
  } catch (error) {
    // Node.js has no stable way to look up an entry point for `import` alone from somewhere else.
    const isThere = (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    throw new Error(isThere
      ? `package '${name}' has no entry point that is for "default"; name the file itself, as ./node_modules/${name}/index.js`
      : `there is no package '${name}'; install it beside the Corefile (npm install ${name})`);
  }
}

function isPlugin(value: unknown): value is AnyPlugin {
  const candidate = value as Partial<AnyPlugin> | null | undefined;
  return typeof candidate === 'object' && candidate !== null && typeof candidate.name === 'string' && typeof candidate.setup === 'function';
}
