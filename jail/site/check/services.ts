/** DNS, BGP and HA: settings that are fine each alone, but not together. */
import { contains } from '../../../core/address.js';
import { textOfDuration } from '../../../core/corefile/values.js';
import { nth } from '../numbering.js';
import type { SiteFiles } from './report.js';

export function checkServices(files: SiteFiles): void {
  checkDnsUsers(files);
  checkUpstreams(files);
  checkZones(files);
  checkBgp(files);
}

/** Each site's DNS server has to be among who may ask, and must not be blocked. */
function checkDnsUsers({ wan, inWan }: SiteFiles): void {
  const { users, blocked } = wan.dns;
  const resolver = nth(wan.networks.anycast, wan.numbers.resolver);
  for (const [name, { network }] of Object.entries(wan.sites)) {
    const server = nth(network, wan.numbers.vpndns);
    if (server === undefined) continue;
    const isUser = users === undefined || users.some((user) => contains(user, server));
    if (!isUser) inWan(['dns', 'users'], `the DNS server of ${name}, ${server.text}, is not among them`);
  }
  for (const [i, block] of blocked.entries()) {
    if (resolver === undefined || !contains(block, resolver)) continue;
    inWan(['dns', 'blocked', i], `${resolver.text}, the address that clients ask, is in ${block.text}`);
  }
}

/** A DNS server that asks itself never has an answer. */
function checkUpstreams({ site, wan, inSite }: SiteFiles): void {
  const servers = Object.values(wan.sites).map(({ network }) => nth(network, wan.numbers.vpndns)?.text);
  for (const [name, container] of Object.entries(site.containers)) {
    if (container.role !== 'vpndns') continue;
    for (const [i, { text }] of container.upstreams.entries()) {
      const isOurs = servers.includes(text) || nth(wan.networks.anycast, wan.numbers.resolver)?.text === text;
      if (isOurs) inSite(['containers', name, 'upstreams', i], `${text} is a DNS server of the WAN: the question would go round`);
    }
  }
}

/** The question of a client would leave the WAN in clear. */
function checkZones({ wan, inWan }: SiteFiles): void {
  const networks = Object.values(wan.sites).flatMap(({ network, prefixes }) => [network, ...prefixes]);
  for (const [name, servers] of Object.entries(wan.dns.zones)) {
    for (const [i, server] of servers.entries()) {
      if (networks.some((network) => contains(network, server))) continue;
      inWan(['dns', 'zones', name, i], `${server.text} is in no site's network or prefixes: clients' questions would leave the WAN`);
    }
  }
}

function checkBgp({ wan: { bgp: { keepalive, hold, bfd } }, inWan }: SiteFiles): void {
  if (3 * keepalive > hold) inWan(['bgp', 'hold'], `hold must be at least three times keepalive, ${3 * keepalive}s (RFC 4271 section 10)`);
  if (bfd === undefined) return;
  const detection = bfd.interval * bfd.multiplier;
  if (detection >= hold * 1000) inWan(['bgp', 'bfd'], `BFD would notice a lost link after ${textOfDuration(detection)}, no sooner than hold`);
}
