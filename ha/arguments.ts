/** What the command line of `dynvpn` says. */
import { parseArgs } from 'node:util';

/** What every command that reads a Dynvpnfile needs. */
export interface Common {
  readonly conf: string;
  readonly quiet: boolean;
}

export type Command =
  | { readonly kind: 'status' | 'events'; readonly args: readonly string[] }
  | { readonly kind: 'help' | 'version' | 'plugins' } | ({ readonly kind: 'serve' | 'check' } & Common);

export const usage = `Usage: dynvpn [--conf FILE] [--quiet]   keep the VPNs of this site online; FILE defaults to Dynvpnfile
       dynvpn --check [--conf FILE]     read and set up the configuration, touch nothing; exit code 0 or 1
       dynvpn --plugins                 the built-in plugins in their order of action, with their syntax
       dynvpn status [--url URL] [--token FILE]             who has what, by the word of a daemon (http://127.0.0.1:8080)
       dynvpn events [--url URL] [--token FILE] [--follow]  what happened there
       dynvpn --version | --help

Signals: SIGHUP and SIGUSR1 reload the configuration. SIGTERM and SIGINT end the daemon and leave sessions and routes as they are, for the next
one to find; to hand everything over first, use POST /shutdown.
`;

/** Reads the arguments behind the command's name. Throws a RangeError that says what is wrong. */
export function parseArguments(args: readonly string[]): Command {
  const [first, ...rest] = args;
  if (first === 'status' || first === 'events') return { kind: first, args: rest };
  const { values, positionals: [word] } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  if (values.plugins === true) return { kind: 'plugins' };
  if (word !== undefined) throw new RangeError(`there is no command '${word}'; see dynvpn --help`);
  return { kind: values.check === true ? 'check' : 'serve', conf: values.conf ?? 'Dynvpnfile', quiet: values.quiet === true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        conf: { type: 'string', short: 'c' }, check: { type: 'boolean' }, plugins: { type: 'boolean' }, version: { type: 'boolean', short: 'v' },
        quiet: { type: 'boolean', short: 'q' }, help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new RangeError(`${(error as Error).message}; see dynvpn --help`);
  }
}
