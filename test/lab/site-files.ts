/** What an administrator of the lab's WAN writes: the WAN file, a file for each site, and what they name. */
import { join } from 'node:path';
import type { Certificate } from './certificates.js';
import { clientsOf, compiled, directory, hostAddress, internet, providerOf, siteName, type LabOptions } from './layout.js';
import type { Customers } from './providers.js';

/** How soon things are noticed: what the outages of the lab are held against. Times are milliseconds. */
export const profile = {
  checkInterval: 100, checkTimeout: 1000, onlineCheckDelay: 20, pullInterval: 500, pullTimeout: 500, pullRetries: 1, failedStatusTimeout: 1000,
  bfdInterval: 100, bfdMultiplier: 5, leaseTtl: 4000,
} as const;

/** Names that the lab's DNS servers do not ask anybody for. */
export const names = { blocked: 'ads.example.net', record: 'printer.lab', recordAddress: '192.0.2.7' } as const;

const files = join(directory, 'files');
export const siteFile = (number: number): string => join(files, `${siteName(number)}.yml`);

const etcdNumber = 30;
export const etcdAddress = (number: number): string => `192.168.${number}.${etcdNumber}`;
const etcdUrl = (number: number, port: 2379 | 2380): string => `http://${etcdAddress(number)}:${port}`;

export const numbersOf = ({ sites }: LabOptions): number[] => Array.from({ length: sites }, (_, i) => i + 1);

/** The sites, beginning with a number and wrapping round. */
const orderFrom = (first: number, options: LabOptions): string => {
  const numbers = numbersOf(options);
  return [...numbers.slice(first - 1), ...numbers.slice(0, first - 1)].map(siteName).join(', ');
};

function wanText(options: LabOptions): string {
  const clients = clientsOf(options);
  const sites = numbersOf(options).flatMap((number) => [
    `  ${siteName(number)}:`, `    id: ${number}`, `    network: 192.168.${number}.0/24`, `    address: ${hostAddress(number)}`,
    `    identity: ${siteName(number)}.example.net`,
    `    prefixes: [${clients.filter(({ site }) => site === number).map(({ network }) => network).join(', ')}]`,
  ]);
  const tunnels = clients.map(({ name, id, vpn, endpoint, prefix }) => `  ${name}: { id: ${id}, vpn: ${vpn}, endpoint: ${endpoint}, prefixes: [${prefix}] }`);
  const etcd = options.lease ? [`  etcd: [${numbersOf(options).map((number) => etcdUrl(number, 2379)).join(', ')}]`, `  lease_ttl: ${profile.leaseTtl}ms`] : [];
  return [
    'networks:', '  anycast: 10.0.254.0/24', '  transit: 100.64.0.0/16', '  clients: 10.15.0.0/16', `tunnel: ${options.tunnel}`,
    'sites:', ...sites, 'vpns:', `  1: { sites: [${orderFrom(1, options)}] }`, `  2: { sites: [${orderFrom(2, options)}] }`, 'clients:', ...tunnels,
    'dns:', '  users: [192.168.0.0/16, 172.16.0.0/12]', `  blocked: [${internet.blockedResolver}]`,
    'ha:', '  replica_mode: Auto', `  check_interval: ${profile.checkInterval}ms`, `  check_timeout: ${profile.checkTimeout}ms`,
    '  check_retries: 0',
    `  online_check_delay: ${profile.onlineCheckDelay}ms`, '  default_timeout: 5s', '  failure_retries: 0',
    `  failed_status_timeout: ${profile.failedStatusTimeout}ms`, `  pull_interval: ${profile.pullInterval}ms`,
    `  pull_timeout: ${profile.pullTimeout}ms`, `  pull_retries: ${profile.pullRetries}`, `  check: [${internet.pinged.join(', ')}]`, ...etcd,
    'bgp:', '  keepalive: 1s', '  hold: 3s', `  bfd: { interval: ${profile.bfdInterval}ms, multiplier: ${profile.bfdMultiplier} }`, '',
  ].join('\n');
}

/** A member of the etcd in which the leases are; it forgets everything with its container, as it is meant to here. */
function etcdText(number: number, options: LabOptions): string[] {
  const cluster = numbersOf(options).map((each) => `${siteName(each)}=${etcdUrl(each, 2380)}`).join(',');
  const words = [
    'etcd', '--name', siteName(number), '--data-dir', join(directory, 'etcd', siteName(number)), '--logger', 'zap', '--log-outputs', 'stderr',
    '--heartbeat-interval', '100', '--election-timeout', '1000', '--unsafe-no-fsync',
    '--listen-client-urls', etcdUrl(number, 2379), '--advertise-client-urls', etcdUrl(number, 2379),
    '--listen-peer-urls', etcdUrl(number, 2380), '--initial-advertise-peer-urls', etcdUrl(number, 2380),
    '--initial-cluster', cluster, '--initial-cluster-state', 'new',
  ];
  return ['  etcd:', '    role: service', `    number: ${etcdNumber}`, '    command:', ...words.map((word) => `      - "${word}"`)];
}

const program = (path: string): string => `["${process.execPath}", "${compiled(path)}"]`;

export interface SiteCertificates {
  /** By the number of the site. */
  readonly [number: number]: Certificate;
}

function siteText(number: number, options: LabOptions, { certificate, key, authority }: Certificate, customers: Customers): string {
  const vpn = (id: 1 | 2): string[] => {
    const provider = providerOf(id, options);
    return [`  vpn${id}:`, '    role: vpn', `    vpn: ${id}`, `    provider: ${provider}`, `    configuration: ${customers[provider]}`];
  };
  return [
    `site: ${siteName(number)}`, 'platform: linux', 'wan: wan.yml', 'internet: eth0', 'containers:',
    '  ipsec:', '    role: ipsec', ...(options.tunnel === 'gre' ? [] : [`    certificate: ${certificate}`, `    key: ${key}`, `    authority: ${authority}`]),
    '  vpndns:', '    role: vpndns', '    blocklists: blocklists', '    records: records.txt', `    upstreams: [${internet.resolver}]`,
    ...vpn(1), ...vpn(2), ...(options.lease ? etcdText(number, options) : []),
    'secrets:', '  peers: peers.secret', 'directories:', `  run: ${join(directory, 'run')}`, `  state: ${join(directory, 'state')}`,
    'programs:', `  vpndns: ${program('../../vpndns/vpndns.js')}`, `  dynvpn: ${program('../../ha/dynvpn.js')}`, '',
  ].join('\n');
}

/** All files, by their paths. */
export function siteFiles(options: LabOptions, certificates: SiteCertificates, customers: Customers): ReadonlyMap<string, string> {
  return new Map([
    [join(files, 'wan.yml'), wanText(options)],
    [join(files, 'peers.secret'), 'the sites of the lab tell nobody\n'],
    [join(files, 'blocklists', 'ads.txt'), `${names.blocked}\n`],
    [join(files, 'records.txt'), `${names.recordAddress} ${names.record}\n`],
    ...numbersOf(options).map((number) => [siteFile(number), siteText(number, options, certificates[number]!, customers)] as const),
  ]);
}
