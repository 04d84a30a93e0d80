import test from 'ava';
import { exampleSite } from './examples.js';
import { containersOf } from './site.js';

test('a site file becomes the addresses and names that follow from it', (t) => {
  const site = exampleSite('host1');
  t.deepEqual(containersOf(site).map(({ name, address }) => `${name} ${address.text}`), [
    'ipsec 192.168.1.4', 'vpndns 192.168.1.3', 'vpn1 192.168.1.51', 'vpn2 192.168.1.52', 'files 192.168.1.20',
  ]);
  t.deepEqual([site.as, site.gateway.text, site.anycastGateway.text, site.wan.resolver.text], [64_601, '192.168.1.1', '10.0.254.1', '10.0.254.3']);
  t.deepEqual(site.vpnContainers.map(({ vpn }) => `${vpn.name} ${vpn.anycast.text}`), ['dynvpn1 10.0.254.51', 'dynvpn2 10.0.254.52']);
});

test('the links between two sites have the same addresses at both ends', (t) => {
  const link = ({ interface: name, near, far, inside, reqid }: ReturnType<typeof exampleSite>['links'][number]): string =>
    `${name} ${near.text} ${far.text} ${inside.near.text} ${inside.far.text} ${reqid}`;
  t.deepEqual(exampleSite('host1').links.map(link), [
    'to-host2 100.64.0.0 100.64.0.1 100.64.128.0 100.64.128.1 1',
    'to-host3 100.64.0.2 100.64.0.3 100.64.128.2 100.64.128.3 2',
  ]);
});

test('files are named from the place of the site file', (t) => {
  const { vpnContainers: [vpn], ipsec } = exampleSite('host1');
  t.is(vpn?.configuration, '/etc/vpncore/provider-a/amsterdam.ovpn');
  t.is(ipsec.certificate, '/etc/vpncore/host1.crt');
});

test('the servers of a VPN are those that its provider\'s file names', (t) => {
  const servers = exampleSite('host1').vpnContainers.map((vpn) => vpn.servers.map(({ host, port, protocol }) => `${host} ${port} ${protocol}`));
  t.deepEqual(servers, [['amsterdam.provider-a.example 1194 udp', '198.51.100.17 1194 udp'], ['oslo.provider-b.example 51820 udp']]);
});

test('a client has a tunnel of its own, or that of the router that has one for it', (t) => {
  const clients = exampleSite('host1').wan.clients.map(({ name, endpoint, inner, routedBy = '' }) =>
    `${name} ${endpoint.text} ${inner.near.text} ${inner.far.text} ${routedBy}`);
  t.deepEqual(clients, ['laptop 172.16.3.2 10.15.0.5 10.15.0.6 ', 'guests 192.168.1.4 10.15.0.9 10.15.0.10 host1']);
});
