/** The Corefile: whom the DNS server serves, and by which way it asks for each. */
import type { Site } from '../site/site.js';
import type { RenderedFile } from './file.js';
import { homeOf, stateHome } from './home.js';
import { block, madeFrom, textOf, type Lines } from './text.js';

export const renderCorefile = (site: Site): readonly RenderedFile[] => [{ path: `${homeOf(site, 'vpndns')}/Corefile`, mode: 0o644, text: corefile(site) }];

/** The site's own: its containers, and what is reached by way of it. */
const ownNetworks = ({ network, prefixes }: Site): string => [network, ...prefixes].map(({ text }) => text).join(' ');

const corefile = (site: Site): string => textOf(
  madeFrom(site, 'the DNS server, which asks for each client by the VPN that carries its traffic.'),
  '',
  block('.',
    `bind ${site.dns.address.text} 127.0.0.1`,
    '',
    acl(site),
    '',
    own(site),
    '# Private names are no provider\'s business.',
    'local',
    'cache',
    '',
    policy(site),
    '',
    '# Only from inside the container: exceptions, reloads, explanations, metrics.',
    'http-admin 127.0.0.1:8080',
    'health 127.0.0.1:8080',
    'ready 127.0.0.1:8080',
    'prometheus 127.0.0.1:9153',
    '',
    '# Who asked what is written down only where something went wrong.',
    block('errors', 'consolidate 1m "no answer|timed out|unreachable" warning'),
    block('log', 'class error'),
    'reload 10s 0s'),
);

function acl(site: Site): Lines {
  const { networks, clients } = site.wan;
  return block('acl',
    '# Clients of a VPN ask by way of its container. From one that comes here by itself nothing is taken: it would be asked for outside its VPN.',
    `block net ${networks.anycast.text} ${networks.clients.text}`,
    clients.filter(({ prefixes }) => prefixes.length > 0).map(({ name, prefixes }) => `block net ${prefixes.map(({ text }) => text).join(' ')} # ${name}`),
    `allow net ${ownNetworks(site)} 127.0.0.1`,
    'drop');
}

/** What is answered or refused here, whoever asks. */
const own = (site: Site): Lines => [
  site.dns.records === undefined ? undefined : [`static ${site.dns.records}`, ''],
  site.dns.blocklists === undefined ? undefined : [
    block('blocklist', `dir ${site.dns.blocklists}`, `exceptions ${stateHome(site, site.dns)}/exceptions.json`),
    '',
  ],
  site.dns.more === undefined ? undefined : [`import ${site.dns.more}`, ''],
];

const zones = ({ wan }: Site): readonly Lines[] => (wan.zones.length === 0 ? [] : [
  '# Zones of our own, whoever asks.',
  wan.zones.map(({ name, servers }) => `zone ${name} to ${servers.map(({ text }) => text).join(' ')}`),
  '',
]);

const policy = (site: Site): Lines => {
  const upstreams = site.dns.upstreams.map(({ text }) => text);
  return block('source-policy-forward',
    ...zones(site),
    "# A VPN's questions go back into its container, and from there into its tunnel. Without a session they go nowhere: SERVFAIL.",
    site.vpnContainers.map(({ address, vpn, name }) => `identity ${address.text} # ${name}, ${vpn.name}`),
    upstreams.length === 0 ? '# Nobody else is asked for: there are no upstreams.' : [
      '',
      '# The site itself, which has no VPN.',
      `from ${ownNetworks(site)} 127.0.0.1 to ${upstreams.join(' ')}`,
    ]);
};
