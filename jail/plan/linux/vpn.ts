/** A VPN's container: rules first, then wires, then the tunnels of its clients. Its session is the HA daemon's business. */
import { rulesOf, vpnFiles } from '../../files/linux.js';
import { scriptsHome, siteHome } from '../../files/home.js';
import type { Client, Site, VpnContainer } from '../../site/site.js';
import type { Step } from '../step.js';
import { clear, command, shell } from './commands.js';
import { containerSteps, wireStep } from './container.js';
import { renderedStep } from './files.js';
import { clientMtu, greStep } from './gre.js';
import { anycastBridge, anycastInterface, anycastWireOf, clientInterface, namespaceOf } from './names.js';
import { routesStep, via, type Route } from './routes.js';
import { rulesStep } from './rules.js';
import { isNumbered, pinSteps } from './servers.js';

export function vpnSteps(site: Site, container: VpnContainer): readonly Step[] {
  const run = siteHome(site);
  const part = container.name;
  const namespace = namespaceOf(site, container);
  const rules = `${run}/vpn/${container.vpn.name}/rules.nft`;
  const clients = site.wan.clients.filter(({ vpn }) => vpn.id === container.vpn.id);
  return [
    ...vpnFiles(site, container).map((file) => renderedStep(part, run, file)),
    ...containerSteps(site, container, {
      forwards: true, resolver: undefined,
      before: [rulesStep(part, 'who is served by it gets out by its session, or not at all', namespace, rules, rulesOf(site, container))],
    }),
    wireStep(part, namespace, {
      bridge: anycastBridge, outer: anycastWireOf(container), inner: anycastInterface, address: container.vpn.anycast, network: site.wan.networks.anycast,
    }),
    routesStep(part, 'routes to the WAN and to the servers of its provider, and to nothing else', namespace, routesOf(site, container, clients)),
    ...pinSteps(site, container),
    ...clients.flatMap((client) => clientSteps(site, container, client)),
    sessionStep(site, container),
  ];
}

/** What its scripts keep of a session. None outlives its container. */
function sessionStep(site: Site, { name: part, vpn, provider }: VpnContainer): Step {
  const run = siteHome(site);
  const [known, online] = [`${run}/vpn/${vpn.name}/known`, `${run}/vpn/${vpn.name}/online`];
  return {
    part, title: `${part}: room for what is known of a session`,
    test: [command('test', '-d', known)],
    make: [command('mkdir', '-p', known)],
    undo: [clear('sh', `${scriptsHome(site)}/vpn-set-offline.sh`, vpn.name), command('rm', '-r', '-f', known, online)],
    tell: command(...shell('if [ -e "$1" ]; then echo "a session stands"; else echo "no session"; fi', online)),
    needs: ['ping', ...(provider === 'openvpn' ? ['openvpn'] : ['wg', 'wireguard-go'])],
  };
}

function routesOf({ wan, gateway, network }: Site, { servers }: VpnContainer, clients: readonly Client[]): readonly Route[] {
  const targets = [
    ...wan.sites.filter((peer) => peer.network.text !== network.text).map((peer) => peer.network.text),
    ...wan.sites.flatMap(({ prefixes }) => prefixes.map(({ text }) => text)),
    ...clients.map(({ endpoint }) => `${endpoint.text}/32`),
    ...servers.filter(isNumbered).map(({ host }) => `${host}/32`),
  ];
  return [...new Set(targets)].map((to) => ({ to, by: via(gateway) }));
}

const clientSteps = (site: Site, container: VpnContainer, client: Client): readonly Step[] => {
  const part = container.name;
  const namespace = namespaceOf(site, container);
  const name = clientInterface(client);
  const behind = client.prefixes.map(({ text }): Route => ({ to: text, by: ['dev', name] }));
  return [
    greStep(siteHome(site), {
      part, namespace, interface: name, to: client.name, local: client.vpn.anycast, remote: client.endpoint,
      address: `${client.inner.near.text}/30`, mtu: clientMtu(site.wan.tunnel),
    }),
    ...(client.prefixes.length === 0 ? [] : [routesStep(part, `what is behind ${client.name}`, namespace, behind)]),
  ];
};
