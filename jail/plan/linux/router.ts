/** The router: tunnels to the other sites, BGP over them, and the HA daemon. */
import { peerPort } from '../../files/dynvpn.js';
import type { RenderedFile } from '../../files/file.js';
import { siteHome } from '../../files/home.js';
import { tools } from '../../files/tools.js';
import type { Link, Site } from '../../site/site.js';
import type { Step } from '../step.js';
import { clear, command, ip, prints } from './commands.js';
import { containerSteps } from './container.js';
import { daemonStep } from './daemon.js';
import { linkStep } from './files.js';
import { clientMtu, greStep, linkMtu } from './gre.js';
import { clientInterface, clientTable, namespaceOf, routedHere } from './names.js';
import { defaultRouteStep, fromOf, routesStep, ruleStep } from './routes.js';

/** The highest metric that means "last" to FRR, too: the upper eight bits are the administrative distance, 255. */
const lastMetric = 4_278_198_272;

/** The rendered files whose paths begin so: those that a daemon reads. */
export type FilesOf = (beginning: string) => readonly RenderedFile[];

export function routerSteps(site: Site, filesOf: FilesOf): readonly Step[] {
  const part = site.ipsec.name;
  const namespace = namespaceOf(site, site.ipsec);
  const { anycast } = site.wan.networks;
  return [
    ...containerSteps(site, site.ipsec, { forwards: true, resolver: site.vpndns }),
    routesStep(part, 'no route, no service: a shared address that nobody announces is nowhere', namespace,
      [{ to: anycast.text, by: ['dev', 'lo'], type: 'unreachable', metric: lastMetric }]),
    defaultRouteStep(site, site.ipsec),
    ...tunnelSteps(site, namespace, filesOf),
    ...clientSteps(site, namespace),
    ...frrSteps(site, namespace, filesOf),
  ];
}

function tunnelSteps(site: Site, namespace: string, filesOf: FilesOf): readonly Step[] {
  const { wan: { tunnel }, links, ipsec: { name: part }, router } = site;
  const run = siteHome(site);
  const between = (link: Link) => (tunnel === 'gre' ? { local: router, remote: link.peer.address } : { local: link.inside.near, remote: link.inside.far });
  const gre = (link: Link): Step => greStep(run, {
    part, namespace, interface: link.interface, to: link.peer.name, ...between(link), address: `${link.near.text}/31`, mtu: linkMtu[tunnel],
  });
  if (tunnel === 'gre') return links.map(gre);
  const [charon, connections] = [charonSteps(site, namespace, filesOf), connectionSteps(site, namespace)];
  if (tunnel === 'ipsec') return [...links.map((link) => xfrmStep(part, namespace, link)), ...charon, ...connections];
  // A charon that does ESP itself makes a route for each connection, from an address that has to be there.
  return [...charon, insideStep(part, namespace, links), ...connections, ...links.map(gre)];
}

/** An interface for each peer: what goes into it is ESP to that peer, by the security association of the same number. */
function xfrmStep(part: string, namespace: string, { interface: name, peer, near, reqid }: Link): Step {
  const address = `${near.text}/31`;
  return {
    part, title: `${part}: an IPsec interface to ${peer.name}, ${name}`,
    test: [
      prints(`mtu ${linkMtu.ipsec} `, ...ip(namespace, 'link', 'show', 'dev', name, 'up')),
      prints(`inet ${address} `, ...ip(namespace, '-4', 'address', 'show', 'dev', name)),
    ],
    make: [
      clear(...ip(namespace, 'link', 'delete', name)),
      command(...ip(namespace, 'link', 'add', name, 'type', 'xfrm', 'dev', 'lo', 'if_id', String(reqid))),
      command(...ip(namespace, 'address', 'add', address, 'dev', name)),
      command(...ip(namespace, 'link', 'set', name, 'up', 'mtu', String(linkMtu.ipsec))),
    ],
    undo: [command(...ip(namespace, 'link', 'delete', name))],
  };
}

/** strongSwan has files and a control socket of its own at each site. */
const strongSwanOf = (site: Site) => {
  const home = `${siteHome(site)}/strongswan`;
  return { home, socket: `unix://${home}/vici`, environment: ['env', `STRONGSWAN_CONF=${home}/strongswan.conf`, `SWANCTL_DIR=${home}`] } as const;
};

function charonSteps(site: Site, namespace: string, filesOf: FilesOf): readonly Step[] {
  const { home, environment } = strongSwanOf(site);
  const { name: part, certificate, key, authority } = site.ipsec;
  const linked = { x509: certificate, private: key, x509ca: authority };
  return [
    ...Object.entries(linked).flatMap(([folder, file]) => (file === undefined ? [] : [linkStep(part, file, `${home}/${folder}`)])),
    daemonStep(siteHome(site), {
      part, namespace, name: 'charon', purpose: 'which agrees on keys with the other sites', files: filesOf('strongswan/strongswan.conf'),
      argv: [...environment, 'charon-systemd'], program: 'charon-systemd', ready: `[ -S '${home}/vici' ]`,
    }),
  ];
}

function connectionSteps(site: Site, namespace: string): readonly Step[] {
  const { home, socket, environment } = strongSwanOf(site);
  const run = siteHome(site);
  const part = site.ipsec.name;
  const swanctl = (...words: readonly string[]) => [...environment, 'swanctl', ...words, '--uri', socket] as const;
  // One of two looks after a connection.
  const kept = site.links.filter(({ peer }) => site.id < peer.id).map(({ peer }) => peer.name);
  return [
    {
      part, title: `${part}: the connections to its peers`,
      test: [
        command('cmp', '-s', `${home}/swanctl.conf`, `${home}/loaded.conf`),
        ...site.links.map(({ peer }) => prints(`${peer.name}: IKEv2`, ...swanctl('--list-conns'))),
      ],
      make: [command(...swanctl('--load-all', '--noprompt')), command('install', '-m', '0644', `${home}/swanctl.conf`, `${home}/loaded.conf`)],
      undo: [command('rm', '-f', `${home}/loaded.conf`)],
      needs: ['swanctl'],
    },
    ...(kept.length === 0 ? [] : [daemonStep(run, {
      part, namespace, name: 'connect', purpose: 'which calls peers with whom there is no connection', ready: 'true',
      argv: [...environment, 'sh', `${run}/bin/connect`, socket, ...kept], program: 'sh', files: tools.filter(({ path }) => path === 'bin/connect'),
    })]),
  ];
}

/** The addresses that ESP protects, on the one interface of a charon that does ESP itself. */
function insideStep(part: string, namespace: string, links: readonly Link[]): Step {
  return {
    part, title: `${part}: the addresses between which GRE runs, inside ESP`,
    test: links.map(({ inside: { near } }) => prints(`inet ${near.text}/32 `, ...ip(namespace, '-4', 'address', 'show', 'dev', 'ipsec0', 'up'))),
    make: links.map(({ inside: { near } }) => command(...ip(namespace, 'address', 'replace', `${near.text}/32`, 'dev', 'ipsec0'))),
    undo: links.map(({ inside: { near } }) => command(...ip(namespace, 'address', 'delete', `${near.text}/32`, 'dev', 'ipsec0'))),
  };
}

/** Clients without a tunnel of their own: whatever comes from them goes into one, or nowhere. */
const clientSteps = (site: Site, namespace: string): readonly Step[] =>
  routedHere(site).flatMap((client): readonly Step[] => {
    const part = site.ipsec.name;
    const [table, name] = [clientTable(client), clientInterface(client)];
    return [
      routesStep(part, `without its tunnel, ${client.name} goes nowhere`, namespace,
        [{ to: 'default', by: ['dev', 'lo'], type: 'unreachable', table, metric: lastMetric }]),
      ruleStep(part, `the traffic of ${client.name} has routes of its own`, namespace, table, fromOf(client)),
      greStep(siteHome(site), {
        part, namespace, interface: name, to: `${client.vpn.name}, for ${client.name}`, local: client.endpoint, remote: client.vpn.anycast,
        address: `${client.inner.far.text}/30`, mtu: clientMtu(site.wan.tunnel),
      }),
      routesStep(part, `${client.name} goes by ${client.vpn.name}`, namespace, [{ to: 'default', by: ['dev', name], table }]),
    ];
  });

function frrSteps(site: Site, namespace: string, filesOf: FilesOf): readonly Step[] {
  const run = siteHome(site);
  const part = site.ipsec.name;
  const home = `${run}/frr`;
  const common = ['-u', 'frr', '-g', 'frr', '--vty_socket', home, '-z', `${home}/zserv.api`, '-A', '127.0.0.1', '-P', '0', '-f', `${home}/frr.conf`];
  const daemon = (name: string, purpose: string, ready: string, ...words: readonly string[]): Step => daemonStep(run, {
    part, namespace, name, purpose, files: filesOf('frr/'),
    argv: [`/usr/lib/frr/${name}`, ...common, '-i', `${home}/${name}.pid`, ...words], ready: `[ -S '${home}/${ready}' ]`,
  });
  return [
    daemon('zebra', 'which gives the kernel the routes that the others learn', 'zserv.api', '-s', '90000000'),
    daemon('staticd', 'for static routes', 'staticd.vty'),
    ...(site.wan.bgp.bfd === undefined ? [] : [daemon('bfdd', 'which notices a lost link', 'bfdd.vty', '--bfdctl', `${home}/bfdd.sock`)]),
    daemon('bgpd', 'which tells the other sites what is reached here', 'bgpd.vty', '-p', '179'),
  ];
}

/** The HA daemon; last of all, for it starts sessions. It sees by itself that its files have changed. */
export function dynvpnStep(site: Site): Step {
  const run = siteHome(site);
  const [program, ...words] = site.programs.dynvpn;
  return daemonStep(run, {
    part: site.ipsec.name, namespace: namespaceOf(site, site.ipsec), name: 'dynvpn', purpose: 'which keeps the VPNs online',
    argv: [program!, ...words, '--conf', `${run}/dynvpn/Dynvpnfile`],
    ready: `ss -H -l -t -n 'sport = :${peerPort}' | grep -q .`, needs: ['ss'],
  });
}
