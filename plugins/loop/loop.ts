/**
 * Finds forwarding loops: a query with a name that nobody can know but this server goes out by a route; if it comes in again, whoever the route
 * leads to asks us, and so does every query that we send there.
 */
import { LRUCache } from 'lru-cache';
import { parseAddress } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { at } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import type { Count } from '../../core/metrics.js';
import { isWithin, labelsOf, maxNameOctets, nameOfLabels, type Name } from '../../core/name.js';
import type { Explanation, PluginContext, PluginInstance } from '../../core/plugin.js';
import { Query, type Client } from '../../core/query.js';
import { failed, refused, type Reply } from '../../core/reply.js';
import type { Route } from '../../core/route.js';
import { ede, flag, type } from '../../core/wire/layout.js';
import { writeQuestion } from '../../core/wire/question.js';

/** What is known of a route. */
interface Finding {
  /** It, or the one of the same way that was used last. */
  route: Route;
  /** Whether it leads back here. */
  isLoop: boolean;
  /** When a loop is looked at again, in milliseconds of the clock. */
  retryAt: number;
}

/** A query that is out: it returns, or its exchange ends. */
interface Probe {
  readonly finding: Finding;
  returned: boolean;
}

/** Octets of the label that makes a name one's own: 96 random bits in hexadecimal, and its length. */
const labelOctets = 25;
const nobody: Client = { address: parseAddress('127.0.0.1')!, port: 0, transport: 'udp', local: '' };

export class Loop implements PluginInstance {
  readonly #context: PluginContext<DnsBlock>;
  readonly #detected: Count;
  /** By the id of the route. */
  readonly #findings = new LRUCache<string, Finding>({ max: limits.policyClients });
  /** The probes that are out, by name. */
  readonly #probes = new Map<Name, Probe>();

  constructor(context: PluginContext<DnsBlock>) {
    const { block: { hooks }, host: { metrics } } = context;
    this.#context = context;
    this.#detected = metrics.counter('loop_detected_total', 'Queries of our own that came back to us.').child({});
    hooks.query.tap('loop', (query) => this.#recognise(query));
    hooks.resolve.tap('loop', (query, callback) => callback(this.#judge(query)));
  }

  /** The routes of whole zones are tried as soon as the sockets are open; all others at their first use. */
  start(): void {
    const { block, host } = this.#context;
    host.onSwap(() => {
      for (const zone of block.zones) if (this.#hasRoom(zone)) this.#judge(this.#query(zone));
    });
  }

  explain(query: Query): Explanation | undefined {
    const route = query.possibleRoute;
    const found = route && this.#findings.peek(route.id);
    return found?.isLoop === true ? { decision: `fails: ${reason(found)}`, final: true, at: found.route.at } : undefined;
  }

  /** Fails what would come back; tries a route that is new. */
  #judge(query: Query): Reply | undefined {
    const { route } = query;
    if (route === undefined) return undefined;
    let finding = this.#findings.get(route.id);
    if (finding === undefined) {
      finding = { route, isLoop: false, retryAt: 0 };
      this.#findings.set(route.id, finding);
      this.#probe(finding, query);
    } else if (finding.isLoop && finding.retryAt <= this.#now) {
      finding.route = route;
      this.#probe(finding, query);
    }
    return finding.isLoop ? failed('loop', reason(finding)) : undefined;
  }

  #probe(finding: Finding, { name }: Query): void {
    const zone = [...(finding.route.zones ?? []), ...this.#context.block.zones].find((each) => isWithin(name, each) && this.#hasRoom(each));
    if (zone === undefined) return;
    finding.retryAt = this.#now + limits.loopRetryMs;
    const question = this.#query(zone);
    const probe: Probe = { finding, returned: false };
    this.#probes.set(question.name, probe);
    finding.route.exchange(question, () => {
      this.#probes.delete(question.name);
      if (!probe.returned) this.#cleared(finding);
    });
  }

  /** A query for a name that only we know has come in. */
  #recognise({ name, type: qtype, client }: Query): Reply | undefined {
    const probe = qtype === type.hinfo ? this.#probes.get(name) : undefined;
    if (probe === undefined) return undefined;
    const { finding } = probe;
    probe.returned = true;
    this.#detected.inc();
    if (!finding.isLoop) this.#context.log.error(`${reason(finding)} (${at(finding.route.at)}); it came back from ${client.address.text}. ${mend}`);
    finding.isLoop = true;
    return refused('loop', ede.prohibited, 'this query has been here before');
  }

  #cleared(finding: Finding): void {
    if (finding.isLoop) this.#context.log.info(`'${finding.route.label}' leads back here no longer`);
    finding.isLoop = false;
  }

  /** A question in a zone that nobody has ever asked, and nobody can foresee. */
  #query(zone: Name): Query {
    const { block, host } = this.#context;
    const label = Array.from({ length: 3 }, () => host.random.below(2 ** 32).toString(16).padStart(8, '0')).join('');
    const name = nameOfLabels([label, ...labelsOf(zone)]);
    const bytes = writeQuestion(name, type.hinfo, flag.rd);
    return new Query(bytes, bytes.length, undefined, name, nobody, block, this.#now, true);
  }

  #hasRoom(zone: Name): boolean {
    return zone.length + labelOctets <= maxNameOctets;
  }

  get #now(): number {
    return this.#context.host.clock.now();
  }
}

const reason = ({ route: { label, upstreams } }: Finding): string =>
  `a forwarding loop: what '${label}' sends to ${upstreams.join(', ')} comes back to this server`;
const mend = 'Queries for it get SERVFAIL until that is mended: let it name a server that does not forward to this one';
