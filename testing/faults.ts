/**
 * The fault upstream: a DNS server on loopback that does to each query what the query's own name says, so that no side channel is needed:
 * `u01.wrong-id.test` gets an answer with a wrong id and then the right one. The table of all that it can do, each with what a good forwarder
 * makes of it, is in `fault-table.ts`; any other name gets the right answer.
 */
import { systemRuntime } from '../core/runtime.js';
import { faultless, faultTable } from './fault-table.js';
import { startLoopbackUpstream, type LoopbackOptions, type LoopbackUpstream, type ReceivedQuery } from './upstream.js';

/** What a fault needs to know beside the query. */
export interface FaultWorld {
  /** Lets time pass: real time, or a test's own. */
  pass(ms: number): void | Promise<void>;
  /** How often this name has been asked for over this transport before. */
  readonly nth: number;
}

export type FaultBehaviour = (query: ReceivedQuery, world: FaultWorld) => Buffer | undefined | Promise<Buffer | undefined>;

/** What a forwarder with a cache makes of a fault when its client asks over TCP, with EDNS, and it may ask the upstream over UDP. */
export interface FaultOutcome {
  readonly rcode: string;
  /** The answer section: `TTL TYPE DATA` of each record, as in a zone file, or how many there are. */
  readonly answers: readonly string[] | number;
  /** Queries that the upstream gets over UDP, and over TCP. */
  readonly udp: number;
  readonly tcp: number;
  /** Entries in the cache afterwards, a remembered failure (RFC 9520) included. */
  readonly cached: number;
}

export interface Fault {
  /** Its number in the table. */
  readonly id: string;
  /** Who asks for this name gets it. */
  readonly name: string;
  readonly type: string;
  /** What the upstream does. */
  readonly what: string;
  readonly behave: FaultBehaviour;
  /** Where the upstream listens: at a closed port, say, there is nothing to behave. */
  readonly listens: 'udp and tcp' | 'udp' | 'nowhere';
  readonly outcome: FaultOutcome;
}

/** All faults. */
export const faults: readonly Fault[] = faultTable;

export interface FaultOptions extends LoopbackOptions {
  /** How a fault lets time pass; default is to wait for it. */
  readonly pass?: FaultWorld['pass'];
}

const waiting: FaultWorld['pass'] = (ms) => new Promise((done) => void systemRuntime().clock.after(ms, done));

/** Starts the fault upstream. Close it when the test is over. */
export function startFaultUpstream({ pass = waiting, ...options }: FaultOptions = {}): Promise<LoopbackUpstream> {
  const table = new Map(faults.map((fault) => [fault.name, fault]));
  const counts = new Map<string, number>();
  return startLoopbackUpstream((query) => {
    const fault = table.get(query.name.toLowerCase());
    if (fault === undefined) return faultless(query, { pass, nth: 0 });
    const key = `${fault.name} ${query.transport}`;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    return fault.behave(query, { pass, nth });
  }, options);
}
