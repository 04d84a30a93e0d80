/** Sites in this process that talk over sockets of loopback and live in real time; only their sessions and routes are made up. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../../core/runtime.js';
import { createTestSite, type TestSite } from '../../testing/site.js';

export interface LiveSiteOptions {
  readonly site: string;
  /** All sites, each with the port of its daemon. */
  readonly ports: ReadonlyMap<string, number>;
  /** The lines of the block, besides `config` and `scripted`. */
  readonly directives: string;
}

/** VPNs 1 and 2 are for all sites, in the order of the ports. */
export async function createLiveSite(t: Parameters<typeof createTestSite>[0], { site, ports, directives }: LiveSiteOptions): Promise<TestSite> {
  const names = [...ports.keys()].join(', ');
  const sites = [...ports].flatMap(([name, port], i) => [
    `  ${name}:`, '    peer_addr: 127.0.0.1', `    peer_port: ${port}`, `    gateway_addr: 192.0.2.${i + 1}`, `    vpn_local_addr_base: 10.0.${i}.0`,
    '    vpn: [1, 2]',
  ]);
  return createTestSite(t, {
    directory: await mkdtemp(join(tmpdir(), 'live-')), runtime: { clock: systemRuntime().clock },
    text: `${site} {\nconfig global.yml local.yml {\nstate STATE\n}\nscripted\n${directives}\n}\n`,
    global: ['vpn_anycast_addr_base: 198.51.100.0', 'replica_priority:', `  dynvpn1: [${names}]`, `  dynvpn2: [${names}]`, 'sites:', ...sites, ''].join('\n'),
    local: [
      'replica_mode: Auto', 'pull_interval: 0.2', 'pull_timeout: 0.5', 'pull_retries: 1', 'local_vpn_check_timeout: 1', 'local_vpn_check_interval: 0.2',
      'local_vpn_check_retries: 0', 'failure_retries: 0', 'online_check_delay: 0.02', 'default_timeout: 2', '',
    ].join('\n'),
  });
}

/** Waits, for as long as AVA lets it, until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20));
}

/** The number at the end of a line of metrics; 0 if there is no such line. */
export async function metricOf({ metrics }: TestSite, line: string): Promise<number> {
  const found = (await metrics.text('dynvpn')).split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}
