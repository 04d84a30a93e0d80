/** An HA block: one site of the WAN, and the hooks of its drivers. */
import { value, type Value } from '../core/properties.js';
import { ConfigError, type Position } from '../core/errors.js';
import type { Host } from '../core/host.js';
import type { HostBlock } from '../core/plugin.js';
import { definePluginFor } from '../core/plugin.js';
import { createHaHooks, isFailure, type HaHooks } from './hooks.js';
import type { Runner } from './runner.js';
import type { PullSettings, Settings } from './settings.js';

/** What a `lease` says of its leases. */
export interface LeaseTerms {
  /** For how long one lasts after it was asked for. */
  readonly ttlMs: number;
  /** Before its end: the time in which route and session go, and for which a new holder waits. Less than half of the above. */
  readonly stopBudgetMs: number;
}

export class HaBlock implements HostBlock {
  /** The site's name. */
  readonly label: string;
  readonly at: Position;
  readonly host: Host;
  readonly hooks: HaHooks = createHaHooks();
  /** `peers` may set it in its setup; the configuration's own values hold otherwise. */
  pull: Partial<PullSettings> = {};
  /** What a side of a partition without a majority does; set by `peers`. */
  partition: 'available' | 'majority' = 'available';
  /** Set by `lease`, which makes a lease the condition of being Online. */
  lease: LeaseTerms | undefined;
  #settings: Settings | undefined;
  #runner: Runner | undefined;

  constructor(label: string, at: Position, host: Host) {
    this.label = label;
    this.at = at;
    this.host = host;
  }

  /** Work that failed: `dynvpn3 start: vpn-set-online.sh ended with exit code 1`. */
  onFailure(plugin: string, tell: (line: string) => void): void {
    this.hooks.worked.tap(plugin, (order, outcome) => {
      if (isFailure(order, outcome)) tell(`${order.vpn.id} ${order.kind}: ${outcome.reason ?? 'failed'}`);
    });
  }

  /** Whether `config` has done its part. */
  get isConfigured(): boolean {
    return this.#settings !== undefined;
  }

  /**
   * What `config`, the first plugin to be set up, has read. When it could not, the setup of whoever needs it ends here, without a mistake of its
   * own: what is wrong with `config` is told already.
   */
  get settings(): Settings {
    if (this.#settings === undefined) throw new ConfigError([]);
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
  }

  /** What runs the site. There from the swap on: when HTTP is served and work is done, not in `setup` and `start`. */
  get runner(): Runner {
    if (this.#runner === undefined) throw new Error(`${this.label} does not run yet`);
    return this.#runner;
  }

  set runner(runner: Runner) {
    this.#runner = runner;
  }
}

/** Declares a plugin of the HA host. */
export const defineHaPlugin = definePluginFor<HaBlock>();

/** The name of a site, before its block. */
export const siteName = (): Value<string> =>
  value('SITE', (word) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(word)) throw new RangeError(`'${word}' is no name of a site: letters, digits, '-', '_' and '.'`);
    return word;
  });
