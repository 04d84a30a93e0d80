/** From the settings of a site, and what its plugins add, to the machine's configuration. */
import { createHash } from 'node:crypto';
import type { HaBlock } from './block.js';
import type { Config, Timing } from './machine/index.js';

/** Beyond what a check is told that it may take: for the way to the container and back. */
const checkMarginMs = 2_000;

/** The machine's configuration of a block whose plugins are all set up. */
export function configOf(block: HaBlock): Config {
  const { settings, partition, lease } = block;
  const agree = lease === undefined ? 'peers' : 'lease';
  const sites = settings.sites.map(({ id }) => id);
  const vpns = settings.vpns.map(({ id }) => ({ id, priority: settings.priorities.get(id) ?? [] }));
  return { site: settings.site.id, sites, vpns, hash: hashOf(block, agree), agree, partition, timing: timingOf(block) };
}

/** A digest of all that the sites must have in common: who may run what, in which order, and how they agree. */
function hashOf({ settings, partition }: HaBlock, agree: Config['agree']): string {
  const common = [
    agree, partition, [...settings.sites].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, vpns }) => [id, [...vpns].sort()]),
    [...settings.priorities].sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return createHash('sha256').update(JSON.stringify(common)).digest('hex').slice(0, 16);
}

function timingOf({ settings, pull, lease }: HaBlock): Timing {
  const { intervalMs, timeoutMs, retries } = { ...settings.pull, ...pull };
  const answerMs = timeoutMs * (retries + 1);
  const workMs = settings.defaultTimeoutMs;
  const stopBudgetMs = lease?.stopBudgetMs ?? 2 * workMs;
  // A holder that loses its lease withdraws the route and stops the session within the budget.
  const downMs = lease === undefined ? workMs : Math.min(workMs, stopBudgetMs / 2);
  return {
    checkIntervalMs: settings.checkIntervalMs,
    checkTimeoutMs: settings.checkTimeoutSeconds * 1000 + checkMarginMs,
    checkRetries: settings.checkRetries + 1,
    failureRetries: settings.failureRetries,
    onlineCheckDelayMs: settings.onlineCheckDelayMs,
    proveTimeoutMs: workMs,
    failedStatusMs: settings.failedStatusMs,
    aliveMs: intervalMs + answerMs,
    settleMs: answerMs,
    startTimeoutMs: workMs,
    stopTimeoutMs: downMs,
    routeTimeoutMs: downMs,
    backoffMs: 10_000,
    backoffMaxMs: 600_000,
    stableMs: 600_000,
    stallMs: 3_000,
    stopBudgetMs,
    renewMs: lease === undefined ? workMs : lease.ttlMs / 4,
  };
}
