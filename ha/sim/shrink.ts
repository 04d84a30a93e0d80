/** Makes a schedule that breaks an invariant as small as it gets: fewer faults, shorter ones, less time, fewer sites and VPNs. */
import type { Fault, Schedule } from './schedule.js';

/** Whether a schedule still breaks the same invariant; and when. */
export type Breaks = (schedule: Schedule) => number | undefined;

/** So that a stubborn schedule does not keep anybody waiting. */
const runsMax = 1500;

export function shrink(schedule: Schedule, breaks: Breaks): Schedule {
  let left = runsMax;
  const holds = (smaller: Schedule): boolean => left-- > 0 && breaks(smaller) !== undefined;
  let best = schedule;
  for (;;) {
    const before = sizeOf(best);
    best = shorten(fewerFaults(best, holds), holds);
    best = sooner(best, breaks, holds);
    best = fewer(best, 'sites', 2, holds);
    best = fewer(best, 'vpns', 1, holds);
    if (sizeOf(best) >= before || left <= 0) return best;
  }
}

const sizeOf = ({ faults, sites, vpns }: Schedule): number => faults.length * 100 + sites + vpns;

/** Delta debugging: leaves out halves, then quarters, down to single faults. */
function fewerFaults(schedule: Schedule, holds: (smaller: Schedule) => boolean): Schedule {
  let { faults } = schedule;
  for (let size = Math.ceil(faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < faults.length;) {
      const without = [...faults.slice(0, from), ...faults.slice(from + size)];
      if (holds({ ...schedule, faults: without })) faults = without;
      else from += size;
    }
  }
  return { ...schedule, faults };
}

function shorten(schedule: Schedule, holds: (smaller: Schedule) => boolean): Schedule {
  let best = schedule;
  for (let i = 0; i < best.faults.length; i++) {
    for (;;) {
      const fault = best.faults[i]!;
      const length = fault.until - fault.from;
      if (!Number.isFinite(length) || length < 1000) break;
      const shorter = { ...best, faults: best.faults.with(i, { ...fault, until: fault.from + Math.floor(length / 2) }) };
      if (!holds(shorter)) break;
      best = shorter;
    }
  }
  return best;
}

/** Ends the faults as soon as it is broken, if it is broken before they end. */
function sooner(schedule: Schedule, breaks: Breaks, holds: (smaller: Schedule) => boolean): Schedule {
  const at = breaks(schedule);
  if (at === undefined || at >= schedule.healAt) return schedule;
  const shorter = { ...schedule, healAt: Math.ceil(at) };
  return holds(shorter) ? shorter : schedule;
}

/** Leaves out the last site or VPN for as long as no fault needs it. */
function fewer(schedule: Schedule, what: 'sites' | 'vpns', least: number, holds: (smaller: Schedule) => boolean): Schedule {
  let best = schedule;
  while (best[what] > least) {
    const last = best[what] - 1;
    const faults = best.faults.filter((fault) => !uses(fault, what, last));
    const smaller = { ...best, [what]: last, faults, outside: what === 'sites' ? best.outside.filter((site) => site !== last) : best.outside };
    if (!holds(smaller)) return best;
    best = smaller;
  }
  return best;
}

function uses(fault: Fault, what: 'sites' | 'vpns', index: number): boolean {
  if (what === 'vpns') return 'vpn' in fault && fault.vpn === index;
  return ('site' in fault && fault.site === index) || ('source' in fault && (fault.source === index || fault.target === index));
}
