/** Where the files of a site go. */
import type { Site } from '../site/site.js';
import type { RenderedFile } from './file.js';

/** Absolute paths. */
export interface Places {
  /** Everything of this site that goes with `down`. */
  readonly run: string;
  /** The site's scripts for its HA daemon. */
  readonly scripts: string;
  /** A directory for each VPN: what its scripts have to know, and how its session is. */
  readonly vpns: string;
}

export const placesOf = ({ directories, name }: Pick<Site, 'directories' | 'name'>): Places => {
  const run = `${directories.run}/${name}`;
  return { run, scripts: `${run}/scripts`, vpns: `${run}/vpn` };
};

export const script = (path: string, text: string): RenderedFile => ({ path, mode: 0o755, text });

/** How every script that is about a VPN begins, after its first comment: with what the VPN is. @param variables what its arguments are */
export const beginning = ({ scripts }: Places, variables: string, options = '-u'): string => `# shellcheck disable=SC1091,SC2034,SC2154 # session.sh sets what this uses, and uses what this sets
set ${options}
${variables}
. ${scripts}/session.sh`;
