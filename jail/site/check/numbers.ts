/** Numbers: each has room in its network, and no two make one address. */
import type { Cidr } from '../../../core/address.js';
import { limits } from '../../../core/limits.js';
import { hasLinksFor, nth } from '../numbering.js';
import { reportRepeated, type SiteFiles } from './report.js';

export function checkNumbers(files: SiteFiles): void {
  checkSites(files);
  checkRoom(files);
  checkRepeated(files);
}

/** AS numbers that no router may have (RFC 7607, RFC 6793, RFC 7300). */
const reservedAs = [0, 23_456, 65_535, 4_294_967_295];

function checkSites({ wan, inWan }: SiteFiles): void {
  const sites = Object.entries(wan.sites);
  if (sites.length > limits.haSites) inWan(['sites'], `there are ${sites.length} sites; a WAN has at most ${limits.haSites}`);
  for (const key of ['id', 'identity'] as const) reportRepeated(inWan, sites.map(([name, site]) => [site[key], ['sites', name, key]]), `the ${key}`);
  reportRepeated(inWan, sites.map(([name, { address }]) => [address.text, ['sites', name, 'address']]), 'the address');
  for (const [name, { id }] of sites) {
    const path = ['sites', name, 'id'];
    if (!hasLinksFor(wan.networks.transit, id)) inWan(path, `the links of a site ${id} do not fit in the transit network ${wan.networks.transit.text}`);
    if (reservedAs.includes(wan.as + id)) inWan(path, `the autonomous system ${wan.as + id} is reserved`);
  }
}

/** Whether a network has a host with that number: its last address is for broadcasts. */
const hasHost = (network: Cidr, number: number): boolean => nth(network, number + 1) !== undefined;

function checkRoom({ site, wan: { networks, numbers, sites, vpns, clients }, inSite, inWan }: SiteFiles): void {
  const highestVpn = numbers.vpn + Math.max(0, ...Object.keys(vpns).map(Number));
  const need = Math.max(numbers.gateway, numbers.vpndns, numbers.router, highestVpn);
  for (const [name, { network }] of Object.entries(sites)) {
    if (!hasHost(network, need)) inWan(['sites', name, 'network'], `${network.text} has no host ${need}, which numbers and vpns ask for`);
  }
  const needAnycast = Math.max(numbers.gateway, numbers.resolver, highestVpn);
  if (!hasHost(networks.anycast, needAnycast)) {
    inWan(['networks', 'anycast'], `${networks.anycast.text} has no host ${needAnycast}, which numbers and vpns ask for`);
  }
  for (const [name, { id }] of Object.entries(clients)) {
    if (nth(networks.clients, 4 * id + 3) === undefined) inWan(['clients', name, 'id'], `the /30 of a client ${id} lies outside ${networks.clients.text}`);
  }
  const own = sites[site.site]?.network;
  for (const [name, container] of Object.entries(site.containers)) {
    if (container.role !== 'service' || own === undefined || hasHost(own, container.number)) continue;
    inSite(['containers', name, 'number'], `${own.text} has no host ${container.number}`);
  }
}

/** Two things with one number would have one address. */
function checkRepeated({ site, wan: { numbers, vpns }, inSite, inWan }: SiteFiles): void {
  const ofVpns = Object.keys(vpns).map((id) => [numbers.vpn + Number(id), ['vpns', id]] as const);
  const ofRole = (key: keyof typeof numbers) => [numbers[key], ['numbers', key]] as const;
  reportRepeated(inWan, [ofRole('gateway'), ofRole('vpndns'), ofRole('router'), ...ofVpns], "in a site's network the number");
  reportRepeated(inWan, [ofRole('gateway'), ofRole('resolver'), ...ofVpns], 'in the anycast network the number');
  const services = Object.entries(site.containers).flatMap(([name, container]) =>
    (container.role === 'service' ? [[container.number, ['containers', name, 'number']] as const] : []));
  reportRepeated(inSite, services, 'the number');
  const shared = new Map<number, string>([
    [numbers.gateway, 'the host'], [numbers.vpndns, 'the DNS server'], [numbers.router, 'the router'],
    ...Object.keys(vpns).map((id) => [numbers.vpn + Number(id), `VPN ${id}`] as const),
  ]);
  for (const [number, path] of services) {
    const owner = shared.get(number);
    if (owner !== undefined) inSite(path, `the number ${number} is that of ${owner} at every site, see ${site.wan}`);
  }
}
