/** WANs of any size and shape: what is rendered for any of their sites loads, and sends the questions of each VPN back to its own container. */
import test from 'ava';
import fc from 'fast-check';
import { parseAddress } from '../../core/address.js';
import { explainQuery } from '../../core/explain.js';
import { nameFromText } from '../../core/name.js';
import { renderDaemons } from '../../jail/files/daemons.js';
import { readExample } from '../../jail/site/examples.js';
import { readSite, type Site } from '../../jail/site/index.js';
import { check } from '../check.js';

interface Shape {
  readonly sites: number;
  /** For each VPN, the sites that can run it. */
  readonly vpns: readonly (readonly number[])[];
  /** For each client: its VPN, and the site that routes it. */
  readonly clients: readonly (readonly [vpn: number, site: number])[];
  readonly tunnel: string;
  readonly platform: string;
}

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 9 }).chain((sites) => {
  const site = fc.integer({ min: 1, max: sites });
  return fc.array(fc.uniqueArray(site, { minLength: 1 }), { minLength: 1, maxLength: 8 }).chain((vpns) => fc.record({
    sites: fc.constant(sites), vpns: fc.constant(vpns),
    clients: fc.uniqueArray(fc.tuple(fc.nat(vpns.length - 1), site), { maxLength: 6, selector: String }),
    tunnel: fc.constantFrom('ipsec', 'ipsec-gre', 'gre'), platform: fc.constantFrom('linux', 'freebsd'),
  }));
});

const wanOf = ({ sites, vpns, clients, tunnel }: Shape): string => JSON.stringify({
  networks: { anycast: '10.0.254.0/24', transit: '100.64.0.0/16', clients: '10.15.0.0/16' }, tunnel,
  sites: Object.fromEntries(Array.from({ length: sites }, (_, i) => i + 1).map((id) =>
    [`host${id}`, { id, network: `192.168.${id}.0/24`, address: `203.0.113.${id}`, identity: `host${id}.example.net` }])),
  vpns: Object.fromEntries(vpns.map((list, id) => [id, { sites: list.map((site) => `host${site}`) }])),
  clients: Object.fromEntries(clients.map(([vpn, site], id) => [`c${id}`, { id, vpn, routed_by: `host${site}`, prefixes: [`172.20.${id}.0/24`] }])),
});

const siteFileOf = ({ vpns, platform }: Shape, own: number): string => JSON.stringify({
  site: `host${own}`, platform, wan: 'wan.yml', internet: 'eth0',
  containers: {
    ipsec: { role: 'ipsec', certificate: 'a.crt', key: 'a.key', authority: 'ca.crt' },
    vpndns: { role: 'vpndns', upstreams: ['9.9.9.9'] },
    ...Object.fromEntries(vpns.flatMap((list, vpn) =>
      (list.includes(own) ? [[`vpn${vpn}`, { role: 'vpn', vpn, provider: 'openvpn', configuration: 'provider-a/paris.ovpn' }]] : []))),
  },
});

function sitesOf(shape: Shape): Site[] {
  const texts = new Map([['/etc/vpncore/wan.yml', wanOf(shape)]]);
  return Array.from({ length: shape.sites }, (_, i) => {
    texts.set('/etc/vpncore/site.yml', siteFileOf(shape, i + 1));
    return readSite('/etc/vpncore/site.yml', (file) => texts.get(file) ?? readExample(file));
  });
}

const textOf = (site: Site, name: string): string => renderDaemons(site).find(({ path }) => path.endsWith(`/${name}`))!.text;

test('property: each question goes back to the container that it comes from, at any site of any WAN', async (t) => {
  await t.notThrowsAsync(() => fc.assert(fc.asyncProperty(shapes, fc.nat(), async (shape, which) => {
    const sites = sitesOf(shape);
    const site = sites[which % sites.length]!;
    const host = await check('Corefile', textOf(site, 'Corefile'));
    for (const { address } of site.vpnContainers) {
      const { route } = await explainQuery(host, { client: parseAddress(address.text)!, name: nameFromText('www.example.org'), type: 1 });
      if (route?.upstreams.join() !== `${address.text}:53`) return false;
    }
    return true;
  }), { numRuns: 15 }));
});

test('property: both ends of a link know each other, and all sites have the same file on the WAN', (t) => {
  t.notThrows(() => fc.assert(fc.property(shapes, (shape) => {
    const sites = sitesOf(shape);
    const fits = sites.every((site) => site.links.every(({ peer, near, far, reqid }) => {
      const back = sites.find(({ id }) => id === peer.id)!.links.find((link) => link.peer.id === site.id)!;
      return back.near.text === far.text && back.far.text === near.text && back.reqid === reqid
        && textOf(site, 'frr.conf').includes(` neighbor ${far.text} remote-as ${peer.as}\n`);
    }));
    return fits && new Set(sites.map((site) => textOf(site, 'global.yml'))).size === 1;
  }), { numRuns: 15 }));
});
