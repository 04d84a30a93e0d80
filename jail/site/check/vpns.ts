/** VPNs: who is in a list can run it, and who can run it is in the list. */
import { contains } from '../../../core/address.js';
import { hint } from '../../../core/corefile/wording.js';
import { reportRepeated, type SiteFiles } from './report.js';

export function checkVpns(files: SiteFiles): void {
  checkLists(files);
  checkVpnContainers(files);
}

function checkLists({ site, wan, inWan }: SiteFiles): void {
  const known = Object.keys(wan.sites);
  const here = Object.values(site.containers).flatMap((container) => (container.role === 'vpn' ? [container.vpn] : []));
  for (const [id, { sites }] of Object.entries(wan.vpns)) {
    const path = (i: number) => ['vpns', id, 'sites', i];
    reportRepeated(inWan, sites.map((name, i) => [name, path(i)]), 'the site');
    for (const [i, name] of sites.entries()) {
      if (!known.includes(name)) inWan(path(i), `there is no site ${name}${hint(name, known)}`);
      else if (name === site.site && !here.includes(Number(id))) inWan(path(i), `${name} is in the list of VPN ${id}, but has no container for it`);
    }
  }
}

function checkVpnContainers({ site, wan, inSite, inWan }: SiteFiles): void {
  const containers = Object.entries(site.containers).flatMap(([name, container]) => (container.role === 'vpn' ? [[name, container] as const] : []));
  reportRepeated(inSite, containers.map(([name, { vpn }]) => [vpn, ['containers', name, 'vpn']]), 'VPN');
  for (const [name, { vpn, resolver }] of containers) {
    const path = ['containers', name];
    const list = wan.vpns[vpn]?.sites;
    if (list === undefined) inSite([...path, 'vpn'], `${site.wan} has no VPN ${vpn}`);
    else if (!list.includes(site.site)) {
      inSite([...path, 'vpn'], `${site.site} is not among the sites of VPN ${vpn}, at ${inWan.at(['vpns', String(vpn)])}; the container would never be used`);
    }
    const around = resolver && Object.values(wan.sites).find(({ network }) => contains(network, resolver));
    if (around !== undefined) inSite([...path, 'resolver'], `${resolver!.text} is in a site's network ${around.network.text}, not in the tunnel`);
  }
}
