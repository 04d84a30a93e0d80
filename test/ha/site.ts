/** A site in this process: the real host, runner, machine and plugins, over sockets of loopback; only its sessions and routes are made up. */
import { resolve } from 'node:path';
import { readConfiguration } from '../../core/configuration.js';
import { parseAddress, parseEndpoint } from '../../core/address.js';
import { createLogger } from '../../core/log.js';
import { Metrics } from '../../core/metrics.js';
import type { AnyPlugin } from '../../core/plugin.js';
import { systemRuntime } from '../../core/runtime.js';
import { defineHaPlugin, type HaBlock } from '../../ha/block.js';
import { workKinds, type WorkKind } from '../../ha/hooks.js';
import { createHaHost } from '../../ha/host.js';
import httpApi from '../../ha/plugins/http-api/index.js';
import lease from '../../ha/plugins/lease/index.js';
import peers from '../../ha/plugins/peers/index.js';
import type { Settings } from '../../ha/settings.js';

export interface SiteOptions {
  readonly site: string;
  /** All sites, each with the port of its daemon. */
  readonly ports: ReadonlyMap<string, number>;
  readonly vpns: readonly string[];
  readonly stateDirectory: string;
  /** The lines of the block, besides `config` and `vpn-script`. */
  readonly directives: string;
}

export class TestSite {
  readonly lines: string[] = [];
  readonly metrics = new Metrics();
  /** Sessions that run, by VPN. */
  readonly sessions = new Set<string>();
  readonly routes = new Set<string>();
  /** Work that fails. */
  readonly failing = new Set<WorkKind>();
  readonly #host;
  block: HaBlock | undefined;

  constructor(options: SiteOptions) {
    const runtime = systemRuntime();
    const log = createLogger((line) => void this.lines.push(line), runtime.clock);
    const text = `${options.site} {\n  config\n  vpn-script\n${options.directives}\n}\n`;
    this.#host = createHaHost({
      name: 'dynvpn', version: 'test', runtime, log, metrics: this.metrics,
      read: () => readConfiguration([this.#config(options), peers, lease, httpApi, this.#drivers()] as readonly AnyPlugin[], { file: resolve('Dynvpnfile'), text, env: {} }),
    });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  stop(): Promise<void> {
    return this.#host.stop();
  }

  get runner() {
    return this.block!.runner;
  }

  statusOf(vpn: string): string {
    return this.runner.state.vpns.find(({ id }) => id === vpn)!.status;
  }

  /** Waits, for as long as AVA lets it, until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((done) => setTimeout(done, 20));
  }

  async metric(line: RegExp): Promise<number> {
    const found = line.exec(await this.metrics.text('dynvpn'));
    return Number(found?.[1] ?? 0);
  }

  #config(options: SiteOptions) {
    return defineHaPlugin({
      name: 'config',
      setup: (_options, { block }) => {
        this.block = block;
        block.settings = settingsOf(options);
      },
    });
  }

  #drivers() {
    return defineHaPlugin({
      name: 'vpn-script',
      setup: (_options, { block: { hooks } }) => {
        for (const kind of workKinds) {
          if (kind === 'acquireLease') continue;
          hooks.work[kind].tap('vpn-script', async ({ vpn: { id } }) => this.#work(kind, id));
        }
      },
    });
  }

  #work(kind: WorkKind, vpn: string): { readonly ok: boolean; readonly reason?: string } {
    if (this.failing.has(kind)) return { ok: false, reason: `${kind} is to fail` };
    if (kind === 'start') this.sessions.add(vpn);
    if (kind === 'stop') this.sessions.delete(vpn);
    if (kind === 'addRoute') this.routes.add(vpn);
    if (kind === 'removeRoute') this.routes.delete(vpn);
    return { ok: kind === 'probe' || kind === 'check' ? this.sessions.has(vpn) : true };
  }
}

function settingsOf({ site, ports, vpns, stateDirectory }: SiteOptions): Settings {
  const sites = [...ports].map(([id, port]) => ({ id, peer: parseEndpoint('127.0.0.1', port)!, gateway: parseAddress('192.0.2.1')!, vpns }));
  return {
    site: sites.find(({ id }) => id === site)!, sites,
    vpns: vpns.map((id, i) => ({ id, number: i + 1, local: parseAddress(`192.0.2.${i + 1}`)!, anycast: parseAddress(`198.51.100.${i + 1}`)! })),
    priorities: new Map(vpns.map((id) => [id, [...ports.keys()]])), replicaMode: 'Auto', scripts: undefined, vpnDirectory: '/', stateDirectory,
    pull: { intervalMs: 200, timeoutMs: 500, retries: 1 }, checkTimeoutSeconds: 1, checkIntervalMs: 200, checkRetries: 0, failureRetries: 0,
    onlineCheckDelayMs: 20, failedStatusMs: 0, defaultTimeoutMs: 2000,
  };
}
