/** The three files of the HA daemon. */
import type { Site, Wan, WanSite } from '../site/site.js';
import { nthIn } from '../site/numbering.js';
import type { RenderedFile } from './file.js';
import { homeOf, scriptsHome, siteHome, stateHome } from './home.js';
import { block, indented, madeFrom, secondsOf, textOf, type Lines } from './text.js';

/** Where each site's daemon listens for its peers, on the address of its router. */
export const peerPort = 5000;

export function renderDynvpn(site: Site): readonly RenderedFile[] {
  const file = (name: string, text: string): RenderedFile => ({ path: `${homeOf(site, 'dynvpn')}/${name}`, mode: 0o644, text });
  return [file('Dynvpnfile', dynvpnfile(site)), file('global.yml', globalFile(site)), file('local.yml', localFile(site))];
}

const dynvpnfile = (site: Site): string => textOf(
  madeFrom(site, 'the HA daemon, which keeps each VPN online at one site.'),
  '',
  block(site.name,
    block('config global.yml local.yml', `state ${stateHome(site, site.ipsec)}`),
    `vpn-script ${scriptsHome(site)}`,
    `route ${site.platform === 'linux' ? 'iproute' : 'freebsd'}`,
    '',
    block('peers',
      site.peersSecret === undefined ? undefined : `secret ${site.peersSecret}`,
      "# A router may speak with the address of a link rather than its own.",
      `allow ${site.wan.sites.map(({ router }) => router.text).join(' ')} ${site.wan.networks.transit.text}`),
    lease(site.wan),
    '',
    '# Only from inside the container.',
    'http-api 127.0.0.1:8080',
    'health 127.0.0.1:8080',
    'ready 127.0.0.1:8080',
    'prometheus 127.0.0.1:9153',
    '',
    'errors',
    block('log', 'class failure'),
    'reload 10s 0s'),
);

const lease = ({ ha: { etcd, leaseTtl } }: Wan): Lines => (etcd.length === 0 ? undefined : [
  '',
  '# A VPN is online only where its lease is.',
  block(`lease etcd ${etcd.join(' ')}`, `ttl ${secondsOf(leaseTtl)}s`),
]);

/** It is the same at every site, to the letter. */
const globalFile = ({ wan }: Site): string => textOf(
  '# The WAN, for the HA daemons: the same at every site. Made by vpnjail.',
  '',
  '# The VPN with the number N is called dynvpnN; its sites, the first choice first.',
  'replica_priority:',
  indented(wan.vpns.map(({ name, sites }) => `${name}: [${sites.join(', ')}]`)),
  '',
  `vpn_anycast_addr_base: ${nthIn(wan.networks.anycast, wan.vpnBase).text}`,
  '',
  'sites:',
  indented(wan.sites.map((site) => [`${site.name}:`, indented(siteEntry(site, wan))])),
);

const siteEntry = (site: WanSite, { vpnBase, vpns }: Wan): Lines => [
  `peer_addr: ${site.router.text}`,
  `peer_port: ${peerPort}`,
  `gateway_addr: ${site.gateway.text}`,
  `vpn_local_addr_base: ${nthIn(site.network, vpnBase).text}`,
  `vpn: [${vpns.filter(({ sites }) => sites.includes(site.name)).map(({ id }) => id).join(', ')}]`,
];

function localFile(site: Site): string {
  const { ha } = site.wan;
  return textOf(
    madeFrom(site, 'for its HA daemon alone.'),
    '',
    `site_id: ${site.name}`,
    `local_vpn_dir: ${siteHome(site)}/vpn`,
    '',
    '# Auto: whoever does not have a VPN is ready to take it. Manual: only when told to. Disabled: never.',
    `replica_mode: ${ha.replicaMode}`,
    '',
    '# Times are seconds.',
    `local_vpn_check_interval: ${secondsOf(ha.checkInterval)}`,
    `local_vpn_check_timeout: ${secondsOf(ha.checkTimeout)}`,
    `local_vpn_check_retries: ${ha.checkRetries}`,
    `online_check_delay: ${secondsOf(ha.onlineCheckDelay)}`,
    `default_timeout: ${secondsOf(ha.defaultTimeout)}`,
    `pull_interval: ${secondsOf(ha.pullInterval)}`,
    `pull_timeout: ${secondsOf(ha.pullTimeout)}`,
    `pull_retries: ${ha.pullRetries}`,
    '',
    '# Restarts of a session before it counts as failed; -1 is without end. Then, once another site has it, the time until it is a replica again.',
    `failure_retries: ${ha.failureRetries}`,
    `failed_status_timeout: ${secondsOf(ha.failedStatusTimeout)}`,
  );
}
