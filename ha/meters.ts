/** What a site measures of itself. Every metric bears the site's name, for several may run in one process. */
import { durationBounds, type Count, type Distribution, type Family, type Metrics } from '../core/metrics.js';
import { isFailure, type Order, type Outcome } from './hooks.js';
import { agreementWith, type State, type Status } from './machine/index.js';
import { onlineAt } from './snapshot.js';

const statuses = ['Pending', 'Online', 'Replica', 'Failed', 'Offline'] as const satisfies readonly Status[];

/** Seconds: from half a second to some ten minutes. */
const workBounds = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
const marginBounds = [0, 0.5, 1, 2, 3, 4, 5, 10, 20, 30, 60];

export class Meters {
  readonly suspensions: Count;
  readonly bugs: Count;
  readonly loopDelay: Distribution;
  readonly leaseMargin: Distribution;
  readonly #site: string;
  readonly #metrics: Metrics;
  readonly #transitions: Family<'site' | 'vpn' | 'from' | 'to', Count>;
  readonly #failovers: Family<'site' | 'vpn', Count>;
  readonly #durations: Family<'site' | 'work', Distribution>;
  readonly #failures: Family<'site' | 'work', Count>;
  readonly #timeouts: Family<'site' | 'work', Count>;
  /** Milliseconds, by VPN. */
  readonly #vacant = new Map<string, number>();
  readonly #doubled = new Map<string, number>();
  /** VPNs and peers that have gauges. */
  readonly #shown = new Set<string>();
  readonly #withdrawals: (() => void)[] = [];

  constructor(site: string, metrics: Metrics) {
    this.#site = site;
    this.#metrics = metrics;
    this.suspensions = metrics.counter('suspensions_total', 'Times that the host was found to have been suspended.', ['site']).child({ site });
    this.bugs = metrics.counter('machine_failures_total', 'Events at which the machine failed: a bug.', ['site']).child({ site });
    this.loopDelay = metrics.histogram('loop_delay_seconds', 'How late the daemon comes to look at its clocks.', durationBounds, ['site']).child({ site });
    this.leaseMargin = metrics.histogram('lease_margin_seconds', 'What a lease still had to go after its renewal.', marginBounds, ['site']).child({ site });
    this.#transitions = metrics.counter('transitions_total', 'Changes of the status of a VPN at this site.', ['site', 'vpn', 'from', 'to']);
    this.#failovers = metrics.counter('failovers_total', 'Times that this site took over a VPN from another that had lost it.', ['site', 'vpn']);
    this.#durations = metrics.histogram('work_duration_seconds', 'Time that a piece of work took.', workBounds, ['site', 'work']);
    this.#failures = metrics.counter('work_failures_total', 'Pieces of work that failed.', ['site', 'work']);
    this.#timeouts = metrics.counter('work_timeouts_total', 'Pieces of work that were ended before they had an outcome.', ['site', 'work']);
  }

  /** A step from one state to the next. */
  record(before: State, after: State): void {
    const site = this.#site;
    for (const vpn of after.vpns) {
      const old = before.vpns.find(({ id }) => id === vpn.id);
      if (old === undefined) continue;
      if (old.status !== vpn.status) this.#transitions.child({ site, vpn: vpn.id, from: old.status, to: vpn.status }).inc();
      const takesOver = old.phase === 'down' && vpn.phase === 'claiming' && !vpn.forced;
      if (takesOver && old.lastHolder !== undefined && old.lastHolder !== site) this.#failovers.child({ site, vpn: vpn.id }).inc();
      const holders = onlineAt(before, vpn.id).length;
      if (holders === 0) add(this.#vacant, vpn.id, after.now - before.now);
      // With others' word only what this site takes part in can be told.
      if (holders > 1 && old.status === 'Online') add(this.#doubled, vpn.id, after.now - before.now);
    }
  }

  worked(order: Order, outcome: Outcome, durationMs: number): void {
    const labels = { site: this.#site, work: order.kind };
    this.#durations.child(labels).observe(durationMs / 1000);
    if (isFailure(order, outcome)) this.#failures.child(labels).inc();
    if (outcome.unsure === true) this.#timeouts.child(labels).inc();
  }

  /** Shows the VPNs and peers of this configuration; what is gone shows nothing. @param stateOf the state at the time of a look */
  show(state: State, stateOf: () => State): void {
    for (const { id } of state.vpns) this.#once(`vpn ${id}`, () => this.#showVpn(id, stateOf));
    for (const { site } of state.peers) this.#once(`peer ${site}`, () => this.#showPeer(site, stateOf));
  }

  close(): void {
    for (const withdraw of this.#withdrawals.splice(0)) withdraw();
  }

  #once(key: string, show: () => void): void {
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    show();
  }

  #showVpn(id: string, stateOf: () => State): void {
    const labels = { site: this.#site, vpn: id };
    const find = () => stateOf().vpns.find((vpn) => vpn.id === id);
    const status = this.#metrics.gauge('vpn_status', '1 for the status that a VPN has at this site.', ['site', 'vpn', 'status']);
    const stuck = this.#metrics.gauge('vpn_stuck', '1 while a route or session does not go away.', ['site', 'vpn']);
    const vacant = this.#metrics.observedCounter('vpn_vacant_seconds_total', 'Seconds for which no site was known to have it Online.', ['site', 'vpn']);
    const doubled = this.#metrics.observedCounter('vpn_duplicate_seconds_total', 'Seconds for which this site and another had it Online.', ['site', 'vpn']);
    this.#withdrawals.push(
      ...statuses.map((each) => status.child({ ...labels, status: each }).watch(() => Number(find()?.status === each))),
      stuck.child(labels).watch(() => Number(find()?.stuck !== undefined)),
      vacant.child(labels).watch(() => (this.#vacant.get(id) ?? 0) / 1000),
      doubled.child(labels).watch(() => (this.#doubled.get(id) ?? 0) / 1000),
    );
  }

  #showPeer(peer: string, stateOf: () => State): void {
    const alive = this.#metrics.gauge('peer_alive', '1 for a peer with which both directions work, or for which another site says so.', ['site', 'peer']);
    const differs = this.#metrics.gauge('peer_configuration_differs', '1 for a peer whose configuration is not that of this site.', ['site', 'peer']);
    const labels = { site: this.#site, peer };
    const find = () => stateOf().peers.find(({ site }) => site === peer);
    this.#withdrawals.push(alive.child(labels).watch(() => Number(find()?.alive === true)), differs.child(labels).watch(() => {
      const found = find();
      const agreement = found && agreementWith(found, stateOf());
      return Number(agreement !== undefined && agreement !== 'same');
    }));
  }
}

const add = (sums: Map<string, number>, key: string, ms: number): void => void sums.set(key, (sums.get(key) ?? 0) + ms);
