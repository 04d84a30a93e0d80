/** strongSwan: who the other sites are, how they prove it, and what is protected between them. */
import type { Link, Site } from '../site/site.js';
import type { RenderedFile } from './file.js';
import { homeOf, siteHome } from './home.js';
import { block, madeFrom, textOf, type Lines } from './text.js';

/** Nothing where sites are joined by plain GRE. */
export function renderStrongSwan(site: Site): readonly RenderedFile[] {
  if (site.wan.tunnel === 'gre') return [];
  const file = (name: string, text: string): RenderedFile => ({ path: `${homeOf(site, 'strongswan')}/${name}`, mode: 0o644, text });
  return [file('strongswan.conf', strongswanConf(site)), file('swanctl.conf', swanctlConf(site))];
}

/** What of strongSwan is needed: certificates, X25519, AES-GCM, and the way into the kernel. */
const modules = 'random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints revocation hmac sha1 sha2 aes gcm kdf curve25519 socket-default vici';

function strongswanConf(site: Site): string {
  const isLinux = site.platform === 'linux';
  const userspace = isLinux && site.wan.tunnel === 'ipsec-gre';
  const kernel = isLinux ? `${userspace ? 'kernel-libipsec ' : ''}kernel-netlink` : 'kernel-pfkey kernel-pfroute';
  // Several sites may stand on one machine; jails have a file system each.
  const socket = isLinux ? block('vici', `socket = unix://${siteHome(site)}/${homeOf(site, 'strongswan')}/vici`) : [];
  return textOf(
    madeFrom(site, "strongSwan's daemon (strongswan.conf(5))."),
    '',
    block(isLinux ? 'charon-systemd' : 'charon',
      `load = ${modules} ${kernel}`,
      '# Routes are the business of BGP.',
      'install_routes = no',
      'install_virtual_ip = no',
      '',
      '# A peer that does not answer is given up after 4 s, and called anew.',
      'retransmit_tries = 3',
      'retransmit_timeout = 1.0',
      'retransmit_base = 1.0',
      '',
      block('filelog', block('stderr', 'default = 1', 'time_format = %b %e %T', 'flush_line = yes')),
      ...(socket.length === 0 && !userspace ? [] : [block('plugins', socket, userspace ? block('kernel-libipsec', 'allow_peer_ts = yes') : undefined)])),
    socket.length === 0 ? undefined : ['', block('swanctl', block('plugins', socket))],
  );
}

function swanctlConf(site: Site): string {
  return textOf(
    madeFrom(site, 'its peers (swanctl.conf(5)).'),
    '# The private key is the one in the directory private/ beside this file.',
    '',
    block('connections', ...site.links.map((link) => connection(site, link))),
    '',
    block('authorities', block('wan', `cacert = ${site.ipsec.authority ?? ''}`)),
  );
}

const connection = (site: Site, link: Link): Lines => block(link.peer.name,
  'version = 2',
  `local_addrs = ${site.router.text}`,
  `remote_addrs = ${link.peer.address.text}`,
  'proposals = aes256gcm16-prfsha384-x25519, aes256gcm16-prfsha384-ecp384',
  '# ESP in UDP always: the router is behind the address of its host.',
  'encap = yes',
  'mobike = no',
  'dpd_delay = 5s',
  'keyingtries = 0',
  'unique = replace',
  'rekey_time = 4h',
  block('local', 'auth = pubkey', `certs = ${site.ipsec.certificate ?? ''}`, `id = ${site.identity}`),
  block('remote', 'auth = pubkey', `id = ${link.peer.identity}`, `cacerts = ${site.ipsec.authority ?? ''}`),
  block('children', block(link.peer.name,
    ...selectors(site, link),
    'esp_proposals = aes256gcm16-x25519',
    'rekey_time = 1h',
    '# Both begin. A site that is not known there yet, and is refused, is called when it is.',
    'start_action = start',
    'dpd_action = restart')),
);

/** What goes through a tunnel: whatever is routed into its interface, or the GRE between two addresses. */
function selectors({ wan, platform }: Site, { reqid, inside, interface: name }: Link): readonly string[] {
  if (wan.tunnel === 'ipsec-gre') {
    return [`# GRE between these two; its interface is ${name}.`, `local_ts = ${inside.near.text}/32`, `remote_ts = ${inside.far.text}/32`];
  }
  const everything = [`# Whatever is routed into ${name}.`, 'local_ts = 0.0.0.0/0', 'remote_ts = 0.0.0.0/0'];
  // if_ipsec(4) has policies of its own.
  return platform === 'linux' ? [...everything, `if_id_in = ${reqid}`, `if_id_out = ${reqid}`] : [...everything, `reqid = ${reqid}`, 'policies = no'];
}
