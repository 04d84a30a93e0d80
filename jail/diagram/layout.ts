/** Where things stand in the diagram of a site. Lengths are pixels. */
import type { Client, Container, Site, VpnContainer } from '../site/site.js';
import { bottomOf, middleOf, rightOf, type Box } from './svg.js';

/** What is drawn for a VPN that runs here. */
export interface VpnLane {
  readonly container: VpnContainer;
  readonly box: Box;
  readonly provider: Box;
  /** Heights at which its traffic goes along the two bridges. */
  readonly onLocal: number;
  readonly onAnycast: number;
  /** Where its clients' traffic comes down, between them and the host. */
  readonly corridor: number;
  /** Where its questions reach the DNS server. */
  readonly atDns: number;
  readonly color: string;
}

export interface Placed<T> {
  readonly item: T;
  readonly box: Box;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly internet: Box;
  readonly host: Box;
  readonly localBridge: Box;
  readonly anycastBridge: Box;
  readonly vpns: readonly VpnLane[];
  readonly others: readonly Placed<Container>[];
  readonly clients: readonly Placed<Client>[];
  readonly sites: readonly Placed<Site['links'][number]>[];
  /** The top of the legend. */
  readonly legend: number;
}

const margin = 28;
const gap = 22;
const side = { width: 182, height: 84 };
const container = { width: 138, height: 84 };
const laneHeight = 9;
/** Between the host and the other sites. */
const passage = 170;
/** Between two VPNs' ways outside of the host. */
const laneWidth = 12;

/** Told apart by most eyes, and on paper. */
const colors = ['#846358', '#0f7b8a', '#c2255c', '#5f3dc4', '#d9730d', '#2b8a3e', '#1864ab', '#9c36b5'];
export const colorOf = ({ id }: { readonly id: number }): string => colors[id % colors.length]!;

export function layOut(site: Site): Layout {
  const others = [site.dns, site.ipsec, ...site.services];
  const columns = site.vpnContainers.length + others.length;
  const inside = columns * (container.width + gap) - gap;
  const lanes = site.vpnContainers.length;
  const hostX = margin + side.width + 68 + laneWidth * lanes;
  const bridgeHeight = 16 + laneHeight * lanes;
  const tops = { internet: 76, host: 196, containers: 250 };
  const localBridge = { x: hostX + gap, y: tops.containers + container.height + 56, width: inside, height: bridgeHeight };
  const anycastBridge = { ...localBridge, y: bottomOf(localBridge) + 52 };
  const host = { x: hostX, y: tops.host, width: inside + 2 * gap, height: bottomOf(anycastBridge) + 44 - tops.host };
  const column = (i: number): Box => ({ x: hostX + gap + i * (container.width + gap), y: tops.containers, ...container });
  const vpns = site.vpnContainers.map((vpn, i): VpnLane => ({
    container: vpn, box: column(i), color: colorOf(vpn.vpn),
    provider: { x: column(i).x + 6, y: tops.internet + 14, width: container.width - 12, height: 50 },
    corridor: hostX - 30 - laneWidth * i, atDns: column(lanes).x + 14 + (Math.min(9, 80 / lanes)) * i,
    onLocal: localBridge.y + 8 + laneHeight * (i + 0.5), onAnycast: anycastBridge.y + 8 + laneHeight * (i + 0.5),
  }));
  const sitesX = rightOf(host) + passage;
  const bottom = Math.max(bottomOf(host), stackBottom(site.wan.clients.length, tops.host), stackBottom(site.links.length, tops.host));
  return {
    width: sitesX + side.width + margin, height: bottom + 92,
    internet: { x: hostX, y: tops.internet, width: sitesX + side.width - hostX, height: 78 },
    host, localBridge, anycastBridge, vpns,
    others: others.map((item, i) => ({ item, box: column(lanes + i) })),
    clients: stack(site.wan.clients, margin, tops.host),
    sites: stack(site.links, sitesX, tops.host),
    legend: bottom + 30,
  };
}

const step = side.height + 30;

const stack = <T>(items: readonly T[], x: number, y: number): readonly Placed<T>[] => items.map((item, i) => ({ item, box: { x, y: y + i * step, ...side } }));

const stackBottom = (count: number, y: number): number => y + count * step;

/** Where the wire of a container leaves it for each bridge. */
export const wires = (placed: Box): { readonly local: number; readonly anycast: number } =>
  ({ anycast: middleOf(placed) - 30, local: middleOf(placed) + 44 });
