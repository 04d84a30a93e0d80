/** What the words of the two files mean together: everything that would give two things one place, or leave one without. */
import { hint } from '../../../core/corefile/wording.js';
import { checkClients } from './clients.js';
import { checkContainers } from './containers.js';
import { checkNetworks } from './networks.js';
import { checkNumbers } from './numbers.js';
import type { SiteFiles } from './report.js';
import { checkServices } from './services.js';
import { checkVpns } from './vpns.js';

/** Reports every mistake. Who derives a site from files without any may rely on what is checked here. */
export function checkSite(files: SiteFiles): void {
  const { site, wan, inSite } = files;
  const sites = Object.keys(wan.sites);
  if (sites.includes(site.site)) checkVpns(files);
  else inSite(['site'], `${site.wan} has no site ${site.site}${hint(site.site, sites)}`);
  checkContainers(files);
  checkNumbers(files);
  checkNetworks(files);
  checkClients(files);
  checkServices(files);
}
