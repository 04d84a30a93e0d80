/** What the command line of `vpnjail` says. */
import { parseArgs } from 'node:util';
import type { Platform } from './site/site.js';

/** What every command that reads a site file needs. */
interface Common {
  readonly site: string;
}

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'schema'; readonly which: 'site' | 'wan' }
  | ({ readonly kind: 'check' | 'diagram' } & Common)
  | ({ readonly kind: 'plan'; readonly platform?: Platform } & Common)
  | ({ readonly kind: 'render'; readonly directory: string; readonly platform?: Platform } & Common)
  | ({ readonly kind: 'up' | 'status'; readonly container?: string } & Common)
  | ({ readonly kind: 'down'; readonly container?: string; readonly purge: boolean } & Common);

export const usage = `Usage: vpnjail check SITE.yml                  read the site file and all that it names; every mistake with file:line; exit code 0 or 1
       vpnjail plan SITE.yml                   print the plan as a script for sh, which runs without Node.js: up|down|status [CONTAINER]
       vpnjail up SITE.yml [CONTAINER]         make what is not there; on failure, or at SIGINT, undo what was made
       vpnjail down SITE.yml [CONTAINER]       undo all of it; what must outlive it stays, unless with --purge
       vpnjail status SITE.yml [CONTAINER]     what is there and what is not; exit code 0 when all is
       vpnjail render SITE.yml DIRECTORY       write every file that the plan puts in place, for you to read and keep
       vpnjail diagram SITE.yml                print a picture of the site, as SVG
       vpnjail schema [site|wan]               print the JSON Schema of the site file, or of the WAN file
       vpnjail --version | --help

plan and render take --platform linux|freebsd in place of what the site file says.
With a CONTAINER, up makes it and the host below it; down and status concern it alone.
`;

const platforms = ['linux', 'freebsd'] as const;

/** Reads the arguments behind the command's name. Throws a RangeError that says what is wrong. */
export function parseArguments(args: readonly string[]): Command {
  const { values, positionals: [word, ...rest] } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  if (values.purge === true && word !== 'down') throw new RangeError('--purge goes with down');
  if (values.platform !== undefined && word !== 'plan' && word !== 'render') throw new RangeError('--platform goes with plan and render');
  const platform = platformOf(values.platform);
  switch (word) {
    case 'check': case 'diagram': {
      const [site] = words(rest, `vpnjail ${word} SITE.yml`, 1, 1);
      return { kind: word, site };
    }
    case 'plan': {
      const [site] = words(rest, 'vpnjail plan SITE.yml', 1, 1);
      return { kind: word, site, ...platform };
    }
    case 'render': {
      const [site, directory] = words(rest, 'vpnjail render SITE.yml DIRECTORY', 2, 2);
      return { kind: word, site, directory: directory!, ...platform };
    }
    case 'up': case 'down': case 'status': {
      const [site, container] = words(rest, `vpnjail ${word} SITE.yml [CONTAINER]`, 1, 2);
      const common = { site, ...(container !== undefined && { container }) };
      return word === 'down' ? { kind: word, purge: values.purge === true, ...common } : { kind: word, ...common };
    }
    case 'schema': {
      const which = rest[0] ?? 'site';
      if (rest.length > 1 || (which !== 'site' && which !== 'wan')) throw new RangeError('usage: vpnjail schema [site|wan]');
      return { kind: word, which };
    }
    default:
      throw new RangeError(word === undefined ? 'what is to be done? see vpnjail --help' : `there is no command '${word}'; see vpnjail --help`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        platform: { type: 'string' }, purge: { type: 'boolean' }, version: { type: 'boolean', short: 'v' }, help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new RangeError(`${(error as Error).message}; see vpnjail --help`);
  }
}

/** The words behind a command, as many as there must be. */
function words(rest: readonly string[], form: string, least: number, most: number): [string, ...string[]] {
  if (rest.length < least || rest.length > most) throw new RangeError(`usage: ${form}`);
  return rest as [string, ...string[]];
}

function platformOf(text: string | undefined): { readonly platform?: Platform } {
  if (text === undefined) return {};
  const platform = platforms.find((each) => each === text);
  if (platform === undefined) throw new RangeError(`--platform: '${text}' is none of ${platforms.join(', ')}`);
  return { platform };
}
