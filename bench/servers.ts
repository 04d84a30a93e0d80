/** How to start what is measured. Every server listens on 127.0.0.1 alone, forwards to one upstream there, and has a directory to itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiled, pathOf } from './programs.js';
import type { Command } from './subject.js';

/** Where a server stands. */
export interface Place {
  readonly directory: string;
  readonly port: number;
  readonly upstreamPort: number;
  /** The Node.js that runs servers of ours. */
  readonly node: string;
}

/** Writes what the server needs and says how to run it. */
export type Recipe = (place: Place) => Command;

const nodeProgram = ({ node }: Place, path: string, ...args: string[]): Command =>
  ({ program: node, args: [compiled(path), ...args] });

export const floor: Recipe = (place) => nodeProgram(place, './floor.js', String(place.port));
/** The floor of forwarding. */
export const relay: Recipe = (place) => nodeProgram(place, './relay.js', String(place.port), String(place.upstreamPort));
/** @param records of each answer */
export const upstreamOf = (records: number): Recipe => (place) => nodeProgram(place, './upstream.js', String(place.port), String(records));
export const upstream = upstreamOf(1);

/** What stands in a block of our server. */
export type Directives = (place: Pick<Place, 'upstreamPort'>) => string;

/** @param directives of its only block, which serves this zone */
export const vpndns = (directives: string | Directives, zone = '.'): Recipe => (place) => {
  const lines = typeof directives === 'string' ? directives : directives(place);
  const corefile = write(place, 'Corefile', `${zone} {\nbind 127.0.0.1\n${lines}\n}\n`);
  return nodeProgram(place, '../vpndns/vpndns.js', '--conf', corefile, '--port', String(place.port));
};

/** The same server, which collects its garbage on SIGUSR2. */
export const collecting = (recipe: Recipe): Recipe => (place) => {
  const { program, args } = recipe(place);
  return { program, args: ['--expose-gc', '--import', compiled('./collector.js'), ...args] };
};

/** A cache before a forwarder: what every peer is. */
export const cacheAndForward: Directives = ({ upstreamPort }) => `cache 3600\nforward . 127.0.0.1:${upstreamPort}`;
export const cachingForwarder = vpndns(cacheAndForward);

export interface Peer {
  readonly program: string;
  /** The Debian package that brings it; `undefined` when none does. */
  readonly debian: string | undefined;
  readonly recipe: Recipe;
}

const peer = (program: string, debian: string | undefined, recipe: (place: Place) => readonly string[]): Peer =>
  ({ program, debian, recipe: (place) => ({ program: pathOf(program) ?? program, args: recipe(place) }) });

function write({ directory }: Place, file: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, file);
  writeFileSync(path, text);
  return path;
}

const unboundConf = ({ port, upstreamPort }: Place): string => `server:
  interface: 127.0.0.1@${port}
  num-threads: 1
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
  module-config: "iterator"
  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${upstreamPort}
remote-control:
  control-enable: no
`;

const dnsmasqConf = ({ port, upstreamPort }: Place): string => `port=${port}
listen-address=127.0.0.1
bind-interfaces
user=
no-resolv
no-hosts
server=127.0.0.1#${upstreamPort}
cache-size=10000
dns-forward-max=1000
pid-file=
`;

const kresdConf = ({ port, upstreamPort }: Place): string => `net.listen('127.0.0.1', ${port}, { kind = 'dns' })
cache.open(100 * MB, 'lmdb://cache')
trust_anchors.remove('.')
policy.add(policy.all(policy.STUB({ '127.0.0.1@${upstreamPort}' })))
`;

const dnsdistConf = ({ port, upstreamPort }: Place): string => `setLocal('127.0.0.1:${port}')
newServer('127.0.0.1:${upstreamPort}'):setUp()
getPool(''):setCache(newPacketCache(100000))
setSecurityPollSuffix('')
`;

const recursorConf = ({ directory, port, upstreamPort }: Place): string => `local-address=127.0.0.1
local-port=${port}
forward-zones-recurse=.=127.0.0.1:${upstreamPort}
dnssec=off
threads=1
daemon=no
disable-syslog=yes
write-pid=no
socket-dir=${directory}
security-poll-suffix=
`;

const corednsConf = ({ port, upstreamPort }: Place): string => `.:${port} {\nbind 127.0.0.1\ncache 3600\nforward . 127.0.0.1:${upstreamPort}\n}\n`;

/** Servers that people use in our place; all but dnsdist and coredns are made to use one thread, as vpndns does by default. */
export const peers: readonly Peer[] = [
  peer('dnsmasq', 'dnsmasq-base', (place) => ['--keep-in-foreground', `--conf-file=${write(place, 'dnsmasq.conf', dnsmasqConf(place))}`]),
  peer('unbound', 'unbound', (place) => ['-d', '-p', '-c', write(place, 'unbound.conf', unboundConf(place))]),
  peer('kresd', 'knot-resolver', (place) => ['-n', '-c', write(place, 'kresd.conf', kresdConf(place)), place.directory]),
  peer('dnsdist', 'dnsdist', (place) => ['--supervised', '--disable-syslog', '-C', write(place, 'dnsdist.conf', dnsdistConf(place))]),
  peer('pdns_recursor', 'pdns-recursor', (place) => {
    write(place, 'recursor.conf', recursorConf(place));
    return [`--config-dir=${place.directory}`];
  }),
  peer('coredns', undefined, (place) => ['-conf', write(place, 'Corefile', corednsConf(place))]),
];
