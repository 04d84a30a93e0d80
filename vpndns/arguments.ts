/** What the command line says. */
import { parseArgs } from 'node:util';
import { parseAddress, type Address } from '../core/address.js';
import { nameFromText, type Name } from '../core/name.js';
import { typeNumber } from '../core/wire/types.js';

/** What every command that reads a Corefile needs. */
export interface Common {
  readonly conf: string;
  /** The default port of blocks that name none. */
  readonly port: number;
  readonly quiet: boolean;
}

export type Command =
  | { readonly kind: 'help' | 'version' | 'plugins' }
  | ({ readonly kind: 'serve' | 'check' } & Common)
  | ({ readonly kind: 'explain'; readonly client: Address; readonly name: Name; readonly type: number } & Common)
  | { readonly kind: 'import'; readonly file: string };

export const usage = `Usage: vpndns [--conf FILE] [--port N] [--quiet]   serve DNS; FILE defaults to Corefile
       vpndns --check [--conf FILE] [--port N]     read and set up the configuration, open nothing; exit code 0 or 1
       vpndns explain --client IP NAME [TYPE]      what would happen to this query, plugin by plugin; no packet is sent
       vpndns import SAMPLE.yml                    print the Corefile that does what a vpndns YAML configuration does
       vpndns --plugins                            the built-in plugins in their order of action, with their syntax
       vpndns --version | --help

Signals: SIGHUP and SIGUSR1 reload the configuration; SIGTERM and SIGINT stop after answering what is under way.
`;

/** Reads the arguments behind the command's name. Throws a RangeError that says what is wrong. */
export function parseArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  if (values.plugins === true) return { kind: 'plugins' };
  const [word, ...rest] = positionals;
  const common = { conf: values.conf ?? 'Corefile', port: portOf(values.port), quiet: values.quiet === true };
  if (word === 'import') return { kind: 'import', file: only(rest, 'import takes one YAML file') };
  if (values.client !== undefined && word !== 'explain') throw new RangeError('--client goes with explain');
  if (word === 'explain') return explainCommand(rest, values.client, common);
  if (word !== undefined) throw new RangeError(`there is no command '${word}'; see vpndns --help`);
  return { kind: values.check === true ? 'check' : 'serve', ...common };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        conf: { type: 'string', short: 'c' }, check: { type: 'boolean' }, port: { type: 'string', short: 'p' }, plugins: { type: 'boolean' },
        version: { type: 'boolean', short: 'v' }, quiet: { type: 'boolean', short: 'q' }, help: { type: 'boolean', short: 'h' }, client: { type: 'string' },
      },
    });
  } catch (error) {
    throw new RangeError(`${(error as Error).message}; see vpndns --help`);
  }
}

function portOf(text = '53'): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port >= 1 && port <= 65_535)) throw new RangeError(`--port: '${text}' is no port, a number from 1 to 65535`);
  return port;
}

function explainCommand(words: readonly string[], clientText: string | undefined, common: Common): Command {
  const [nameText, typeText = 'A', ...more] = words;
  if (clientText === undefined || nameText === undefined || more.length > 0) throw new RangeError('usage: vpndns explain --client IP NAME [TYPE]');
  const client = parseAddress(clientText);
  if (client === undefined) throw new RangeError(`--client: '${clientText}' is no address`);
  const type = typeNumber(typeText);
  if (type === undefined) throw new RangeError(`'${typeText}' is no record type, such as A, AAAA or TYPE65`);
  return { kind: 'explain', client, name: nameFromText(nameText), type, ...common };
}

function only(words: readonly string[], problem: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new RangeError(problem);
  return word;
}
