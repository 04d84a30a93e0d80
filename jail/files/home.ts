/** Where the rendered files of daemons are, and what they may keep. */
import type { Container, Site } from '../site/site.js';

export type Daemon = 'vpndns' | 'dynvpn' | 'frr' | 'strongswan';

/** All rendered files of a site. */
export const siteHome = ({ directories, name }: Site): string => `${directories.run}/${name}`;

/** The files of a daemon, below {@link siteHome}. On FreeBSD a jail sees the directory of its own container alone. */
export function homeOf(site: Site, daemon: Daemon): string {
  if (site.platform === 'linux') return daemon;
  return `${(daemon === 'vpndns' ? site.dns : site.ipsec).name}/${daemon}`;
}

/** The scripts that dynvpn runs. */
export const scriptsHome = (site: Site): string => (site.platform === 'linux' ? `${siteHome(site)}/scripts` : `${siteHome(site)}/${site.ipsec.name}/scripts`);

/** What outlives a container. */
export const stateHome = ({ directories, name }: Site, container: Container): string => `${directories.state}/${name}/${container.name}`;
