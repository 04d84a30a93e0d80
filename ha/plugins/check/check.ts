/** Whether a session carries anything: one target of every line has to answer. */
import type { Host } from '../../../core/host.js';
import type { Name } from '../../../core/name.js';
import type { Driver, Order, Outcome } from '../../hooks.js';
import type { Template } from '../../placeholders.js';
import { askDns, askHttp, ping, type Asking } from './ask.js';

export type Line =
  | { readonly kind: 'ping'; readonly addresses: readonly Template[] }
  | { readonly kind: 'dns'; readonly name: Name; readonly servers: readonly Template[] }
  | { readonly kind: 'http'; readonly urls: readonly Template[] };

/** @param bind whether to ask from the VPN's own address */
export const createCheck = (lines: readonly Line[], bind: boolean, host: Pick<Host, 'clock' | 'runtime' | 'random'>): Driver => async (order) => {
  const controller = new AbortController();
  const timer = host.clock.after(order.settings.checkTimeoutSeconds * 1000, () => controller.abort(new Error('no answer in time')));
  const asking: Asking = { ...host, signal: AbortSignal.any([order.signal, controller.signal]), source: bind ? order.vpn.local : undefined };
  try {
    const outcomes = await Promise.all(lines.map((line) => firstOf(targetsOf(line, order), asking)));
    return outcomes.find(({ ok }) => !ok) ?? { ok: true };
  } finally {
    host.clock.cancel(timer);
    controller.abort();
  }
};

/** Asks one target; fulfilled with why it does not count, or nothing. */
type Target = (asking: Asking) => Promise<string | undefined>;

function targetsOf(line: Line, order: Order): Target[] {
  switch (line.kind) {
    case 'ping':
      return line.addresses.map((address) => (asking) => ping(address(order), order.settings.checkTimeoutSeconds, asking));
    case 'dns':
      return line.servers.map((server) => (asking) => askDns(line.name, server(order), asking));
    case 'http':
      return line.urls.map((url) => (asking) => askHttp(url(order), asking));
    default:
      return line satisfies never;
  }
}

/** Asks all at once; the first that answers ends it. */
async function firstOf(targets: readonly Target[], asking: Asking): Promise<Outcome> {
  const done = new AbortController();
  const each: Asking = { ...asking, signal: AbortSignal.any([asking.signal, done.signal]) };
  const problems: string[] = [];
  const answered = await Promise.any(targets.map(async (target) => {
    const problem = await target(each);
    if (problem === undefined) return;
    problems.push(problem);
    throw new Error(problem);
  })).then(() => true, () => false);
  done.abort();
  return answered ? { ok: true } : { ok: false, reason: problems.join('; ') };
}
