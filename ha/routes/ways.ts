/**
 * The ways to put and remove a host route, as commands, and how to read the table back.
 *
 * The fencing token goes into the route where the system has a place for it, so that of two claimants routers prefer the newer: on Linux into
 * the metric, which BGP hands on as MED (lower wins; so it falls while the token grows), with vtysh into the tag, which a route-map can turn
 * into a MED or a community.
 */
import { parseAddress, type Address } from '../../core/address.js';
import type { CommandLine, Ending, Target } from '../hooks.js';

/** A route as it is wanted. */
export interface Route {
  readonly anycast: Address;
  readonly gateway: Address;
  /** The fencing token. */
  readonly token: number;
}

/** A route of ours as it stands in a table. */
export interface Found {
  readonly gateway: string;
  /** What carries the token, where something does. */
  readonly mark?: number;
}

export interface Way {
  /** The program that it needs. */
  readonly program: string;
  /** What carries the token of a route, where something does. */
  markOf(route: Route): number | undefined;
  /** Commands that put a route in place; the last one must succeed. */
  add(route: Route): readonly string[][];
  /** Removes a route that was found. */
  remove(route: Route, found: Found): string[];
  /** Prints what {@link parse} reads. */
  show(route: Route): string[];
  /** Our own routes to the address, whatever their gateway and mark; not those that a peer's BGP has brought. */
  parse(output: string, route: Route): readonly Found[];
  /** Removes all of them, without a look. */
  removeAll(route: Route): readonly CommandLine[];
  /** A line of what {@link show} prints that stands for one of ours. */
  patternOf(route: Route): string;
  /** The exit code of `show` is not 0 when there is no such route. */
  readonly absenceFails?: boolean;
}

export const routeOf = ({ vpn, settings, token }: Target): Route => ({ anycast: vpn.anycast, gateway: settings.site.gateway, token });

const prefixOf = ({ anycast: { text, bits } }: Route): string => `${text}/${bits}`;
const isIPv4 = ({ anycast: { bits } }: Route): boolean => bits === 32;

/** 24 bits: of a kernel route's metric, FRR takes the upper eight for the administrative distance. */
const metricMax = 0xff_ffff;

/** RTPROT_BOOT, what `ip route` sets by itself; routes that zebra has put there bear another. */
const ownProtocol = ['proto', 'boot'];
const ipRoute = (route: Route, ...words: readonly string[]): string[] => ['ip', isIPv4(route) ? '-4' : '-6', 'route', ...words, ...ownProtocol];

const iproute: Way = {
  program: 'ip',
  markOf: ({ token }) => metricMax - (token % metricMax),
  add: (route) => [ipRoute(route, 'replace', prefixOf(route), 'via', route.gateway.text, 'metric', String(iproute.markOf(route)))],
  remove: (route, { gateway, mark }) => ipRoute(route, 'del', prefixOf(route), 'via', gateway, ...(mark === undefined ? [] : ['metric', String(mark)])),
  show: (route) => ipRoute(route, 'show', 'exact', prefixOf(route)),
  removeAll: (route) => [ipRoute(route, 'flush', 'exact', prefixOf(route))],
  patternOf: () => ' via ',
  parse: (output) => [...output.matchAll(/^\S+ via (\S+)(.*)$/gm)].map(([, gateway = '', rest = '']) => {
    const metric = /\bmetric (\d+)/.exec(rest)?.[1];
    return { gateway, ...(metric !== undefined && { mark: Number(metric) }) };
  }),
};

const bsdRoute = (route: Route, verb: string, ...words: readonly string[]): string[] =>
  ['route', '-n', verb, ...(isIPv4(route) ? [] : ['-6']), '-host', route.anycast.text, ...words];

const ownFlags = String.raw`^\s*flags: <(?=[^>]*\bHOST\b)(?=[^>]*\bSTATIC\b)(?![^>]*\bPROTO1\b)`;

/** FreeBSD's routes have no place for a number, and there is one to an address: BGP's gives way to ours. */
const freebsd: Way = {
  program: 'route',
  markOf: () => undefined,
  add: (route) => [bsdRoute(route, 'delete'), bsdRoute(route, 'add', route.gateway.text)],
  remove: (route) => bsdRoute(route, 'delete'),
  show: (route) => bsdRoute(route, 'get'),
  removeAll: (route) => [bsdRoute(route, 'delete')],
  patternOf: () => ownFlags,
  // What FRR has put there is marked PROTO1.
  parse: (output) => {
    const isOwn = new RegExp(ownFlags, 'm').test(output);
    const gateway = /^\s*gateway: (\S+)/m.exec(output)?.[1];
    return isOwn && gateway !== undefined ? [{ gateway }] : [];
  },
  absenceFails: true,
};

const frrRoute = (route: Route, gateway: string): string => `${isIPv4(route) ? 'ip' : 'ipv6'} route ${prefixOf(route)} ${gateway}`;
const configure = (line: string): string[] => ['vtysh', '-c', 'configure terminal', '-c', line];

const vtysh: Way = {
  program: 'vtysh',
  // 32 bits, from 1 on.
  markOf: ({ token }) => 1 + (token % 0xffff_ffff),
  add: (route) => [configure(`${frrRoute(route, route.gateway.text)} tag ${vtysh.markOf(route)}`)],
  remove: (route, { gateway }) => configure(`no ${frrRoute(route, gateway)}`),
  show: () => ['vtysh', '-c', 'show running-config'],
  removeAll: (route) => [configure(`no ${frrRoute(route, route.gateway.text)}`)],
  patternOf: (route) => `^${frrRoute(route, '').replaceAll('.', String.raw`\.`)}`,
  parse: (output, route) => output.split('\n').flatMap((line) => {
    const [, gateway, tag] = /^(\S+)(?: tag (\d+))?/.exec(line.startsWith(frrRoute(route, '')) ? line.slice(frrRoute(route, '').length) : '') ?? [];
    return gateway === undefined ? [] : { gateway, ...(tag !== undefined && { mark: Number(tag) }) };
  }),
};

export const ways = { iproute, freebsd, vtysh } as const;

/** How our routes to a VPN's address are ended. */
export function endingOf(way: Way, target: Target): Ending {
  const route = routeOf(target);
  return { commands: way.removeAll(route), still: stillOf(way, target) };
}

/** How to see whether there is one of our routes to a VPN's address. */
export function stillOf({ show, patternOf, absenceFails = false }: Way, target: Target): NonNullable<Ending['still']> {
  const route = routeOf(target);
  return { command: show(route), pattern: patternOf(route), absenceFails };
}

export const hasGateway = (found: Found, gateway: Address): boolean => parseAddress(found.gateway)?.text === gateway.text;

/** Whether what was found is what is wanted. */
export const isWanted = (way: Way, route: Route, found: Found): boolean =>
  hasGateway(found, route.gateway) && (way.markOf(route) === undefined || way.markOf(route) === found.mark);
