/** The overview of a site as a picture: who is where, with which addresses, and by which way the traffic of each VPN goes. */
import type { Client, Container, Link, Site, TunnelKind } from '../site/site.js';
import { colorOf, layOut, wires, type Layout, type Placed, type VpnLane } from './layout.js';
import { bottomOf, box, element, line, middleOf, paragraph, rightOf, text, type Box } from './svg.js';

const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #343a40; text-anchor: middle; }
.title { font-size: 20px; font-weight: 600; fill: #212529; text-anchor: start; }
.name { font-size: 14px; font-weight: 600; fill: #212529; }
.address { font-family: ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace; font-size: 11px; }
.note { font-size: 11px; fill: #6c757d; }
.start { text-anchor: start; }
.end { text-anchor: end; }
.paper { fill: #ffffff; stroke: #dee2e6; }
.internet { fill: #f1f3f5; stroke: #ced4da; }
.host { fill: #f8f9fa; stroke: #adb5bd; stroke-width: 1.5; }
.container { fill: #ffffff; stroke: #868e96; stroke-width: 1.2; }
.router { fill: #fff9db; stroke: #e0a800; stroke-width: 1.5; }
.dns { fill: #e7f5ff; stroke: #339af0; stroke-width: 1.5; }
.site { fill: #fff9db; stroke: #e0a800; stroke-width: 1.2; }
.client { fill: #ffffff; stroke-width: 1.5; }
.vpn, .provider { fill: #ffffff; stroke-width: 1.8; }
.bridge { fill: #e9ecef; stroke: #adb5bd; }
.wire { fill: none; stroke: #adb5bd; stroke-width: 2; }
.link { fill: none; stroke: #e0a800; stroke-width: 2.5; }
.traffic { fill: none; stroke-width: 3; stroke-linejoin: round; }
.tunnel { fill: none; stroke-width: 7; opacity: 0.28; }
.questions { fill: none; stroke-width: 1.8; stroke-dasharray: 2 3; }
`;

/** An SVG document. The same site always gives the same text. */
export function drawSite(site: Site): string {
  const layout = layOut(site);
  const { width, height } = layout;
  const parts = [
    box({ x: 0.5, y: 0.5, width: width - 1, height: height - 1 }, 'paper', { rx: 12 }),
    text(28, 42, 'title', `${site.name}, one of ${site.wan.sites.length} sites`),
    ...drawInternet(site, layout),
    ...drawHost(site, layout),
    ...layout.sites.flatMap((placed) => drawLink(site, placed, layout)),
    ...layout.vpns.flatMap((lane) => drawTraffic(lane, layout)),
    ...layout.clients.map(drawClient),
    ...layout.vpns.map((lane) => drawVpn(site, lane)),
    ...layout.others.map(drawContainer),
    ...drawLegend(layout),
  ];
  const label = `The site ${site.name}: its containers, its VPNs, and the other sites`;
  const attributes = { 'xmlns': 'http://www.w3.org/2000/svg', 'viewBox': `0 0 ${width} ${height}`, width, height, 'role': 'img', 'aria-label': label };
  return `${element('svg', attributes, '\n', element('style', {}, style), '\n', parts.filter((part) => part !== '').join('\n'), '\n')}\n`;
}

const drawInternet = (site: Site, { internet, vpns, sites }: Layout): string[] => [
  box(internet, 'internet', { rx: 24 }),
  text(rightOf(internet) - 22, internet.y + 30, 'name end', 'the Internet'),
  text(rightOf(internet) - 22, internet.y + 48, 'note end', sites.length === 0 ? '' : linksBelow[site.wan.tunnel]),
  ...vpns.flatMap(({ provider, color, container }) => [
    box(provider, 'provider', { stroke: color, rx: 16 }),
    ...paragraph(provider, [['name', 'provider'], ['note', container.provider === 'openvpn' ? 'OpenVPN' : 'WireGuard']]),
  ]),
];

const linksBelow: Readonly<Record<TunnelKind, string>> = {
  'ipsec': 'sites talk by IPsec', 'ipsec-gre': 'sites talk by GRE in IPsec', 'gre': 'sites talk by GRE',
};

const drawHost = (site: Site, { host, internet, localBridge, anycastBridge }: Layout): string[] => {
  const uplink = rightOf(host) - 60;
  return [
    line('wire', [[uplink, bottomOf(internet)], [uplink, host.y]]),
    text(uplink + 10, host.y - 14, 'address start', `${site.internet} ${site.address.text}`),
    box(host, 'host', { rx: 14 }),
    text(host.x + 22, bottomOf(host) - 18, 'name start', `${site.name}: ${site.platform === 'linux' ? 'Linux, network namespaces' : 'FreeBSD, VNET jails'}`),
    ...drawBridge(localBridge, 'bridge0', site.network.text, site.gateway.text),
    ...drawBridge(anycastBridge, 'bridge1, anycast', site.wan.networks.anycast.text, site.anycastGateway.text),
  ];
};

const drawBridge = (bridge: Box, name: string, network: string, host: string): string[] =>
  [box(bridge, 'bridge'), text(rightOf(bridge) - 6, bottomOf(bridge) + 18, 'note end', `${name}: ${network}, host ${lastOf(host)}`)];

/** From the router to another site. */
function drawLink(site: Site, { item: { peer, near, far }, box: at }: Placed<Link>, { others, host }: Layout): string[] {
  const router = others.find(({ item }) => item.role === 'ipsec')!.box;
  const y = at.y + at.height / 2;
  const corridor = rightOf(host) + 24;
  const [start, top] = [middleOf(router) + 20, router.y];
  return [
    // The links leave the router together and part outside of the host.
    line('link', [[start, top], [start, top - 12], [corridor, top - 12], [corridor, y], [at.x, y]]),
    text(corridor + 10, y - 9, 'address start', `${near.text} – ${lastOf(far.text)}`),
    text(corridor + 10, y + 17, 'note start', site.wan.bgp.bfd === undefined ? 'BGP' : 'BGP, BFD'),
    box(at, 'site'),
    ...paragraph(at, [
      ['name', peer.name], ['address', peer.network.text], ['address', shortened(peer.prefixes.map(({ text: network }) => network))],
      ['note', `AS ${peer.as}, ${peer.address.text}`],
    ]),
  ];
}

/** The first of some, and how many more there are. */
const shortened = ([first = '', ...more]: readonly string[]): string => (more.length === 0 ? first : `${first} and ${more.length} more`);

const lastOf = (address: string): string => `.${address.split('.').at(-1)!}`;

/** From its clients to its provider, and its questions to the DNS server and back: one colour, one way. */
function drawTraffic(lane: VpnLane, { clients, others, localBridge, anycastBridge }: Layout): string[] {
  const { box: at, color, provider, onAnycast, onLocal, corridor, atDns } = lane;
  const wire = wires(at);
  const dns = others.find(({ item }) => item.role === 'vpndns')!.box;
  const mine = clients.filter(({ item }) => item.vpn.id === lane.container.vpn.id);
  return [
    line('wire', [[wire.local, bottomOf(at)], [wire.local, localBridge.y]]),
    line('tunnel', [[middleOf(at), at.y], [middleOf(at), bottomOf(provider)]], { stroke: color }),
    line('traffic', [[middleOf(at), at.y], [middleOf(at), bottomOf(provider)]], { stroke: color }),
    ...mine.map(({ box: from }) => [rightOf(from), from.y + from.height / 2] as const).map(([x, y]) =>
      line('traffic', [[x, y], [corridor, y], [corridor, onAnycast], [wire.anycast, onAnycast], [wire.anycast, bottomOf(at)]], { stroke: color })),
    ...(mine.length > 0 ? [] : [line('wire', [[wire.anycast, bottomOf(at)], [wire.anycast, anycastBridge.y]])]),
    line('questions', [[wire.local, bottomOf(at)], [wire.local, onLocal], [atDns, onLocal], [atDns, bottomOf(dns)]], { stroke: color }),
  ];
}

const drawClient = ({ item, box: at }: Placed<Client>): string => {
  const { name, endpoint, prefixes, routedBy, vpn } = item;
  const where = routedBy === undefined ? `GRE from ${endpoint.text}` : `by the router of ${routedBy}`;
  const addresses = prefixes.length === 0 ? item.inner.far.text : shortened(prefixes.map(({ text: network }) => network));
  return [box(at, 'client', { stroke: colorOf(vpn) }), ...paragraph(at, [['name', name], ['address', addresses], ['note', where]])].join('');
};

const drawVpn = (site: Site, { container, box: at, color }: VpnLane): string => {
  const { sites } = container.vpn;
  const place = `choice ${sites.indexOf(site.name) + 1} of ${sites.length}`;
  return [box(at, 'vpn', { stroke: color }), ...paragraph(at, [
    ['name', container.name], ['address', container.address.text], ['address', `anycast ${container.vpn.anycast.text}`],
    ['note', `${container.vpn.name}, ${place}`],
  ])].join('');
};

const what: Readonly<Record<Container['role'], string>> = { ipsec: 'router, dynvpn', vpndns: 'DNS', vpn: 'VPN', service: 'service' };
const classes: Readonly<Record<Container['role'], string>> = { ipsec: 'router', vpndns: 'dns', vpn: 'vpn', service: 'container' };

const drawContainer = ({ item, box: at }: Placed<Container>): string => {
  const bridgeTop = at.y + at.height + 56;
  return [
    line('wire', [[wires(at).local, bottomOf(at)], [wires(at).local, bridgeTop]]),
    box(at, classes[item.role]),
    ...paragraph(at, [['name', item.name], ['address', item.address.text], ['note', what[item.role]]]),
  ].join('');
};

function drawLegend({ legend, host }: Layout): string[] {
  const [x, y] = [host.x, legend];
  return [
    line('traffic', [[x, y], [x + 34, y]], { stroke: '#495057' }), text(x + 44, y + 4, 'note start', "clients' traffic: a colour for each VPN"),
    line('questions', [[x + 300, y], [x + 334, y]], { stroke: '#495057' }), text(x + 344, y + 4, 'note start', 'their questions to the DNS server, and back'),
    line('link', [[x, y + 26], [x + 34, y + 26]]), text(x + 44, y + 30, 'note start', 'the WAN: tunnels to other sites'),
    line('tunnel', [[x + 300, y + 26], [x + 334, y + 26]], { stroke: '#495057' }), text(x + 344, y + 30, 'note start', 'the session, at one site at a time'),
  ];
}
