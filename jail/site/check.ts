/** What words mean together: everything that would give two things one place, or leave one without. */
import type { SiteFiles } from './files.js';
import { hasLinksFor, nth } from './numbering.js';

/** Reports every mistake; {@link derive} may rely on what is checked here. */
export function checkSite(files: SiteFiles): void {
  checkOwnSite(files);
  checkRoles(files);
  checkRoom(files);
  checkClients(files);
}

function checkOwnSite({ site, wan, inSite }: SiteFiles): void {
  if (!Object.hasOwn(wan.sites, site.site)) inSite(['site'], `${site.wan} has no site ${site.site}`);
}

/** One router, one DNS server, VPNs that are known and stand here once. */
function checkRoles({ site, wan, inSite }: SiteFiles): void {
  for (const role of ['ipsec', 'vpndns'] as const) {
    const [first, ...others] = Object.keys(site.containers).filter((name) => site.containers[name]!.role === role);
    if (first === undefined) inSite(['containers'], `there is no container with the role ${role}`);
    for (const other of others) inSite(['containers', other], `${first}, at ${inSite.at(['containers', first!])}, has the role ${role} already`);
  }
  const seen = new Map<number, string>();
  for (const [name, container] of Object.entries(site.containers)) {
    if (container.role !== 'vpn') continue;
    const path = ['containers', name, 'vpn'];
    const first = seen.get(container.vpn);
    if (!Object.hasOwn(wan.vpns, container.vpn)) inSite(path, `${site.wan} has no VPN ${container.vpn}`);
    if (first !== undefined) inSite(path, `${first}, at ${inSite.at(['containers', first, 'vpn'])}, is the container of VPN ${container.vpn} already`);
    else seen.set(container.vpn, name);
  }
}

/** Every number has an address in its network. */
function checkRoom({ site, wan: { networks, numbers, sites, vpns, clients }, inSite, inWan }: SiteFiles): void {
  const ids = Object.keys(vpns).map(Number);
  const highestVpn = Math.max(0, ...ids);
  const need = Math.max(numbers.gateway, numbers.vpndns, numbers.router, numbers.vpn + highestVpn);
  for (const [name, { network, id }] of Object.entries(sites)) {
    if (nth(network, need + 1) === undefined) inWan(['sites', name, 'network'], `${network.text} has no host ${need}; see numbers and vpns`);
    if (!hasLinksFor(networks.transit, id)) inWan(['sites', name, 'id'], `the links of a site ${id} do not fit in the transit network`);
  }
  const needAnycast = Math.max(numbers.gateway, numbers.resolver, numbers.vpn + highestVpn);
  if (nth(networks.anycast, needAnycast + 1) === undefined) {
    inWan(['networks', 'anycast'], `${networks.anycast.text} has no host ${needAnycast}; see numbers and vpns`);
  }
  for (const [name, { id }] of Object.entries(clients)) {
    if (nth(networks.clients, 4 * id + 3) === undefined) inWan(['clients', name, 'id'], `the /30 of a client ${id} lies outside ${networks.clients.text}`);
  }
  const own = sites[site.site];
  for (const [name, container] of Object.entries(site.containers)) {
    if (container.role !== 'service' || own === undefined || nth(own.network, container.number + 1) !== undefined) continue;
    inSite(['containers', name, 'number'], `${own.network.text} has no host ${container.number}`);
  }
}

/** A client has a tunnel of its own, or a site that has one for it. */
function checkClients({ wan, inWan }: SiteFiles): void {
  for (const [name, { endpoint, routed_by: routedBy, vpn, prefixes }] of Object.entries(wan.clients)) {
    const path = ['clients', name];
    if ((endpoint === undefined) === (routedBy === undefined)) inWan(path, 'a client has either an endpoint or a routed_by');
    if (routedBy !== undefined && !Object.hasOwn(wan.sites, routedBy)) inWan([...path, 'routed_by'], `there is no site ${routedBy}`);
    if (routedBy !== undefined && prefixes.length === 0) inWan(path, `${routedBy} is to route this client, but it has no prefixes`);
    if (!Object.hasOwn(wan.vpns, vpn)) inWan([...path, 'vpn'], `there is no VPN ${vpn}`);
  }
}
