import test from 'ava';
import { readSite } from '../../jail/site/index.js';
import { clientsOf, providerOf, providers, type LabOptions } from './layout.js';
import { etcdAddress, numbersOf, siteFile, siteFiles } from './site-files.js';

const customers = { openvpn: '/customer.ovpn', wireguard: '/customer.conf' };
const configurations = new Map([
  [customers.openvpn, `remote ${providers.openvpn.address} ${providers.openvpn.port}\n`],
  [customers.wireguard, `[Peer]\nEndpoint = ${providers.wireguard.address}:${providers.wireguard.port}\n`],
]);

function read(options: LabOptions): ReturnType<typeof readSite>[] {
  const certificate = { certificate: '/site.crt', key: '/site.key', authority: '/authority.crt' };
  const files = siteFiles(options, Object.fromEntries(numbersOf(options).map((number) => [number, certificate])), customers);
  return numbersOf(options).map((number) => readSite(siteFile(number), (path) => files.get(path) ?? configurations.get(path) ?? ''));
}

for (const sites of [2, 3, 5]) {
  for (const tunnel of ['ipsec-gre', 'gre'] as const) {
    for (const vpn of ['openvpn', 'wireguard'] as const) {
      test(`an administrator could have written the files of ${sites} sites, ${tunnel}, ${vpn}`, (t) => {
        const options = { sites, tunnel, vpn, lease: false };
        const [first, ...others] = read(options);
        t.is(others.length, sites - 1);
        t.is(first!.wan.tunnel, tunnel);
        t.deepEqual(first!.vpnContainers.map(({ provider }) => provider), [providerOf(1, options), providerOf(2, options)]);
        t.deepEqual(first!.wan.vpns.map((each) => each.sites[0]), ['lab-host1', 'lab-host2']);
        t.deepEqual(first!.wan.clients.map(({ endpoint }) => endpoint.text), clientsOf(options).map(({ endpoint }) => endpoint));
      });
    }
  }
}

test('with leases, each site has a member of etcd', (t) => {
  const sites = read({ sites: 3, tunnel: 'gre', vpn: 'openvpn', lease: true });
  t.deepEqual(sites.map(({ services }) => services[0]?.address.text), [1, 2, 3].map(etcdAddress));
  t.is(sites[0]!.wan.ha.etcd.length, 3);
});
