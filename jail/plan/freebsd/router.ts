/** The router: tunnels to the other sites, BGP over them, and the HA daemon. */
import type { RenderedFile } from '../../files/file.js';
import { jailOf, linkUnit, routedClients, containerDirectory, rootOf } from '../../files/freebsd/names.js';
import { sessionFiles } from '../../files/freebsd/session.js';
import { homeOf, siteHome, stateHome } from '../../files/home.js';
import { linkMtu } from '../../files/mtu.js';
import type { Link, Site } from '../../site/site.js';
import type { Command, Step } from '../step.js';
import { command, inside } from './commands.js';
import { forwardingStep, greStep, jailSteps, localWireStep } from './container.js';
import { daemonStep, serviceStep, supervised } from './daemon.js';
import { copyStep, filesOfHost, mountStep, stateStep } from './files.js';
import { nowhere, routeSteps, via } from './routes.js';
import { keyStep } from './vpn.js';

/** Where the ports of FreeBSD look for configurations. */
const places = { swanctl: '/usr/local/etc/swanctl', strongswan: '/usr/local/etc/strongswan.conf', frr: '/usr/local/etc/frr/frr.conf' } as const;

/** @param files of its daemons */
export function routerSteps(site: Site, files: readonly RenderedFile[]): readonly Step[] {
  const { ipsec, wan, gateway } = site;
  const [part, jail] = [ipsec.name, jailOf(site, ipsec)];
  return [
    stateStep(part, stateHome(site, ipsec), 0),
    ...jailSteps(site, ipsec, {
      files, copies: copySteps(site, files),
      mounts: [mountStep(part, rootOf(site, ipsec), stateHome(site, ipsec), [])], beforeRules: [forwardingStep(site, ipsec)],
    }),
    localWireStep(site, ipsec),
    ...routeSteps(part, jail, [{ to: 'default', by: via(gateway) }, { to: wan.networks.anycast.text, by: nowhere }]),
    ...site.links.flatMap((link) => linkSteps(site, link)),
    ...routedClients(site).map(({ client, gre }) => greStep(site, ipsec, gre, `the tunnel of ${client.name} to ${client.vpn.name}`)),
    ...(wan.tunnel === 'gre' ? [] : [
      serviceStep(site, ipsec, 'strongswan', 'which agrees on keys with the other sites', 'one', filesOf(site, files, 'strongswan')),
    ]),
    serviceStep(site, ipsec, 'frr', 'which tells the other sites what is reached here', '', filesOf(site, files, 'frr')),
    keyStep(part, `${containerDirectory(site, ipsec)}/${sessionFiles.clientKey}`, jail),
  ];
}

/** The HA daemon; last of all, for it starts sessions. */
export const dynvpnStep = (site: Site, files: readonly RenderedFile[]): Step => daemonStep(site, site.ipsec, {
  name: 'dynvpn', purpose: 'which keeps the VPNs online', files: filesOf(site, files, 'dynvpn'),
  ...supervised('dynvpn', undefined, [...site.programs.dynvpn, '--conf', `${siteHome(site)}/${homeOf(site, 'dynvpn')}/Dynvpnfile`]),
});

const filesOf = (site: Site, files: readonly RenderedFile[], daemon: 'dynvpn' | 'frr' | 'strongswan'): readonly RenderedFile[] =>
  files.filter(({ path }) => path.startsWith(`${homeOf(site, daemon)}/`));

/** What daemons look for in a place of their own, and secrets where the rendered files say that they are. */
function copySteps(site: Site, files: readonly RenderedFile[]): readonly Step[] {
  const { ipsec: { name: part, certificate, key, authority }, peersSecret } = site;
  const root = rootOf(site, site.ipsec);
  const copy = (from: string, to: string, mode: number): Step => copyStep(part, from, `${root}${to}`, mode);
  const rendered = (daemon: 'frr' | 'strongswan', name: string, to: string, mode: number): readonly Step[] =>
    files.filter(({ path }) => path === `${homeOf(site, daemon)}/${name}`).map(({ path }) => copy(`${siteHome(site)}/${path}`, to, mode));
  return [
    ...rendered('frr', 'frr.conf', places.frr, 0o640),
    ...rendered('strongswan', 'strongswan.conf', places.strongswan, 0o644),
    ...rendered('strongswan', 'swanctl.conf', `${places.swanctl}/swanctl.conf`, 0o644),
    ...(key === undefined ? [] : [copy(key, `${places.swanctl}/private/router.key`, 0o600)]),
    ...filesOfHost(part, root, [certificate, authority, peersSecret]),
  ];
}

function linkSteps(site: Site, link: Link): readonly Step[] {
  const { ipsec: container, wan, router } = site;
  const { near, far, peer, reqid, interface: name } = link;
  const unit = linkUnit(wan, link);
  const [outer, remote] = wan.tunnel === 'ipsec-gre' ? [link.inside.near, link.inside.far] : [router, peer.address];
  const at = (...words: readonly string[]): Command => inside(jailOf(site, container), command('ifconfig', ...words));
  const step: Step = {
    part: container.name, title: `${container.name}: the link to ${peer.name}, ${name}`,
    test: [{ ...at(name), prints: `tunnel inet ${outer.text} --> ${remote.text}` }, { ...at(name), prints: `inet ${near.text} --> ${far.text} ` }],
    make: [
      { ...at(unit, 'destroy'), mayFail: true },
      { ...at(name, 'destroy'), mayFail: true },
      at(unit, 'create', ...(wan.tunnel === 'ipsec' ? ['reqid', String(reqid)] : [])),
      at(unit, 'name', name),
      at(name, 'inet', 'tunnel', outer.text, remote.text),
      // Never with the length of a network: what is behind a link is for BGP to say.
      at(name, 'inet', `${near.text}/32`, far.text, 'mtu', String(linkMtu[wan.tunnel]), 'up'),
    ],
    undo: [{ ...at(unit, 'destroy'), mayFail: true }, at(name, 'destroy')],
  };
  return wan.tunnel === 'ipsec-gre' ? [insideStep(site, link), step] : [step];
}

/** The address that ESP protects; IPsec's policies, which strongSwan installs, take what goes between the two. */
function insideStep(site: Site, { inside: { near }, peer }: Link): Step {
  const at = (...words: readonly string[]): Command => inside(jailOf(site, site.ipsec), command('ifconfig', 'lo0', ...words));
  return {
    part: site.ipsec.name, title: `${site.ipsec.name}: the address of the tunnel to ${peer.name}, inside ESP`,
    test: [{ ...at(), prints: `inet ${near.text} ` }],
    make: [at('inet', `${near.text}/32`, 'alias')],
    undo: [at('inet', near.text, '-alias')],
  };
}
