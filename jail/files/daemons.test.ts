import test from 'ava';
import { exampleSite } from '../site/examples.js';
import type { Site, TunnelKind } from '../site/index.js';
import { renderDaemons } from './daemons.js';

/** The text of a rendered file, without indents. */
function rendered(site: Site, name: string): string {
  const file = renderDaemons(site).find(({ path }) => path.endsWith(`/${name}`));
  return file?.text.replace(/^ +/gm, '') ?? '';
}

const linux = exampleSite('host1');
const freebsd = exampleSite('host2');
const withTunnel = (site: Site, tunnel: TunnelKind): Site => ({ ...site, wan: { ...site.wan, tunnel } });
const pathsOf = (site: Site): string[] => renderDaemons(site).map(({ path }) => path);

test('each daemon has a directory; on FreeBSD in that of its jail', (t) => {
  t.deepEqual(pathsOf(linux), [
    'vpndns/Corefile', 'dynvpn/Dynvpnfile', 'dynvpn/global.yml', 'dynvpn/local.yml', 'frr/frr.conf', 'strongswan/strongswan.conf', 'strongswan/swanctl.conf',
  ]);
  t.deepEqual(pathsOf(freebsd), [
    'vpndns/vpndns/Corefile', 'ipsec/dynvpn/Dynvpnfile', 'ipsec/dynvpn/global.yml', 'ipsec/dynvpn/local.yml', 'ipsec/frr/frr.conf',
    'ipsec/strongswan/strongswan.conf', 'ipsec/strongswan/swanctl.conf',
  ]);
});

test('every file says what made it, and of what', (t) => {
  for (const site of [linux, freebsd]) {
    for (const { path, text } of renderDaemons(site)) t.regex(text.slice(0, 300), /[Mm]ade by vpnjail/, path);
  }
});

test('an interface for each peer is tied to its security association, on each platform in its way', (t) => {
  t.regex(rendered(linux, 'swanctl.conf'), /local_ts = 0\.0\.0\.0\/0\nremote_ts = 0\.0\.0\.0\/0\nif_id_in = 1\nif_id_out = 1\n/);
  t.regex(rendered(freebsd, 'swanctl.conf'), /local_ts = 0\.0\.0\.0\/0\nremote_ts = 0\.0\.0\.0\/0\nreqid = 1\npolicies = no\n/);
});

test('GRE inside ESP is all that is protected between two addresses', (t) => {
  t.regex(rendered(withTunnel(linux, 'ipsec-gre'), 'swanctl.conf'), /local_ts = 100\.64\.128\.0\/32\nremote_ts = 100\.64\.128\.1\/32\n/);
  t.regex(rendered(withTunnel(linux, 'ipsec-gre'), 'strongswan.conf'), /^load = .* kernel-libipsec kernel-netlink$/m);
  t.regex(rendered(withTunnel(freebsd, 'ipsec-gre'), 'strongswan.conf'), /^load = .* kernel-pfkey kernel-pfroute$/m);
});

test('where the WAN is private already there is no IPsec', (t) => {
  t.deepEqual(pathsOf(withTunnel(linux, 'gre')).filter((path) => path.includes('strongswan')), []);
});

test('a peer is who its certificate says, and has the address that the WAN file gives it', (t) => {
  const [, first = ''] = rendered(linux, 'swanctl.conf').split(/^host2 \{\n/m);
  t.regex(first, /local_addrs = 192\.168\.1\.4\nremote_addrs = 203\.0\.113\.2\n/);
  t.regex(first, /local \{\nauth = pubkey\ncerts = \/etc\/vpncore\/host1\.crt\nid = host1\.example\.net\n/);
  t.regex(first, /remote \{\nauth = pubkey\nid = host2\.example\.net\ncacerts = \/etc\/vpncore\/wan-ca\.crt\n/);
});

test('a site owns its network, its prefixes, and the addresses of the VPNs that it can run', (t) => {
  const vpns = linux.wan.vpns.map((vpn) => (vpn.id === 2 ? { ...vpn, sites: ['host2'] } : vpn));
  const conf = rendered({ ...linux, wan: { ...linux.wan, vpns } }, 'frr.conf');
  const owned = (list: string): string[] =>
    [...conf.matchAll(new RegExp(`^ip prefix-list ${list} seq \\d+ permit (\\S+)$`, 'gm'))].map(([, prefix = '']) => prefix);
  t.deepEqual(owned('own'), ['192.168.1.0/24', '10.0.254.51/32']);
  t.deepEqual(owned('of-host2'), ['192.168.2.0/24', '10.0.254.51/32', '10.0.254.52/32']);
  t.deepEqual(owned('of-host3'), ['192.168.3.0/24', '172.16.3.0/24', '10.0.254.51/32']);
  t.deepEqual(owned('vpns'), ['10.0.254.51/32']);
});

test('BGP runs on the addresses of the links', (t) => {
  const conf = rendered(linux, 'frr.conf');
  t.deepEqual(conf.match(/^neighbor \S+ remote-as \d+$/gm), ['neighbor 100.64.0.1 remote-as 64602', 'neighbor 100.64.0.3 remote-as 64603']);
  t.regex(conf, /^neighbor sites timers 3 9$/m);
  t.regex(conf, /^bfd\nprofile link\ndetect-multiplier 5\ntransmit-interval 100\nreceive-interval 100$/m);
});

test('without BFD a lost link is noticed by BGP alone', (t) => {
  const { bfd: _, ...bgp } = linux.wan.bgp;
  t.notRegex(rendered({ ...linux, wan: { ...linux.wan, bgp } }, 'frr.conf'), /bfd/);
});

test('a site alone has a router without neighbors', (t) => {
  const alone: Site = { ...linux, links: [], wan: { ...linux.wan, sites: linux.wan.sites.slice(0, 1) } };
  t.notRegex(rendered(alone, 'frr.conf'), /neighbor sites/);
});

test('dynvpn gets the times in seconds, and the way of the platform to set a route', (t) => {
  const ha = { ...linux.wan.ha, checkInterval: 500, failedStatusTimeout: 0 };
  const local = rendered({ ...linux, wan: { ...linux.wan, ha } }, 'local.yml');
  t.regex(local, /^local_vpn_check_interval: 0\.5$/m);
  t.regex(local, /^failed_status_timeout: 0$/m);
  t.deepEqual([linux, freebsd].map((site) => /^route (.*)$/m.exec(rendered(site, 'Dynvpnfile'))?.[1]), ['iproute', 'freebsd']);
});
