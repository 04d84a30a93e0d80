/**
 * CoreDNS's metrics of queries, under its names and labels. Each query finds its counters by small integers and by strings that are
 * the same objects every time (the listener's address, the plugin's name): no string is made for it.
 */
import type { DnsBlock } from '../../core/block.js';
import { durationBounds, type Count, type Distribution, type Family, type Metrics } from '../../core/metrics.js';
import { fqdnOf, lookUpWithin, root, type Name } from '../../core/name.js';
import { value, type Value } from '../../core/properties.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';
import { rcodeText, typeNumber } from '../../core/wire/types.js';

/** The word before every name; `coredns` makes dashboards for CoreDNS work. */
export const namespaceOf = (): Value<string> =>
  value('NAMESPACE', (word) => {
    if (!/^[a-z_][a-z0-9_]*$/i.test(word)) throw new RangeError(`'${word}' is no beginning of a metric's name: letters, digits and _`);
    return word;
  });

/** As in CoreDNS: `dns://127.0.0.1:53` where `bind` chose the address, else `dns://:53`. @param local an endpoint of the block */
export const serverLabel = ({ listenOn }: DnsBlock, local: string): string => `dns://${listenOn.length > 0 ? local : local.slice(local.lastIndexOf(':'))}`;

/** The types that have a label of their own, as in CoreDNS; all others are `other`. */
const typeLabels = [
  'other', 'A', 'AAAA', 'CNAME', 'DNSKEY', 'DS', 'HTTPS', 'MX', 'NS', 'NSEC', 'NSEC3', 'PTR', 'RRSIG', 'SOA', 'SRV', 'TXT', 'AXFR', 'IXFR', 'ANY',
] as const;
const indexOfType = new Uint8Array(256);
typeLabels.forEach((label, i) => (indexOfType[typeNumber(label) ?? 0] = i));

/** Bounds in octets, as in CoreDNS. */
const sizeBounds = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000];

interface Instruments {
  readonly requests: Family<'server' | 'zone' | 'proto' | 'family' | 'type', Count>;
  readonly withDo: Family<'server' | 'zone', Count>;
  readonly responses: Family<'server' | 'zone' | 'rcode' | 'plugin', Count>;
  readonly durations: Family<'server' | 'zone', Distribution>;
  readonly requestSizes: Family<'server' | 'zone' | 'proto', Distribution>;
  readonly responseSizes: Family<'server' | 'zone' | 'proto', Distribution>;
}

const instrumentsOf = (metrics: Metrics): Instruments => ({
  requests: metrics.counter('dns_requests_total', 'Queries.', ['server', 'zone', 'proto', 'family', 'type']),
  withDo: metrics.counter('dns_do_requests_total', 'Queries with the DO bit (DNSSEC OK).', ['server', 'zone']),
  responses: metrics.counter('dns_responses_total', 'Answers, by the plugin that made them.', ['server', 'zone', 'rcode', 'plugin']),
  durations: metrics.histogram('dns_request_duration_seconds', 'Time from query to answer.', durationBounds, ['server', 'zone']),
  requestSizes: metrics.histogram('dns_request_size_bytes', 'Octets of queries.', sizeBounds, ['server', 'zone', 'proto']),
  responseSizes: metrics.histogram('dns_response_size_bytes', 'Octets of answers.', sizeBounds, ['server', 'zone', 'proto']),
});

const protos = ['udp', 'tcp'] as const;

/** What is counted for one zone on one listener; children are made when they are first needed. */
class ZoneMeter {
  readonly #instruments: Instruments;
  readonly #labels: { readonly server: string; readonly zone: string };
  readonly #durations: Distribution;
  /** By proto, family and type. */
  readonly #requests: (Count | undefined)[] = new Array<undefined>(4 * typeLabels.length).fill(undefined);
  readonly #requestSizes: readonly Distribution[];
  readonly #responseSizes: readonly Distribution[];
  readonly #withDo: Count;
  /** By plugin, then by rcode. */
  readonly #responses = new Map<string, Map<number, Count>>();

  constructor(instruments: Instruments, server: string, zone: Name) {
    const labels = { server, zone: fqdnOf(zone) };
    this.#instruments = instruments;
    this.#labels = labels;
    this.#durations = instruments.durations.child(labels);
    this.#withDo = instruments.withDo.child(labels);
    this.#requestSizes = protos.map((proto) => instruments.requestSizes.child({ ...labels, proto }));
    this.#responseSizes = protos.map((proto) => instruments.responseSizes.child({ ...labels, proto }));
  }

  record(query: Query, reply: Reply, seconds: number): void {
    const { client, type } = query;
    const proto = client.transport === 'udp' ? 0 : 1;
    const family = client.address.bits === 32 ? 0 : 1;
    const typeIndex = type < 256 ? indexOfType[type]! : 0;
    const i = (proto * 2 + family) * typeLabels.length + typeIndex;
    (this.#requests[i] ??= this.#requestsOf(proto, family, typeIndex)).n++;
    if (query.dnssecOk) this.#withDo.n++;
    this.#requestSizes[proto]!.observe(query.bytes.length);
    this.#durations.observe(seconds);
    // Silence is no response.
    if (reply.dropped) return;
    this.#responseSizes[proto]!.observe(query.sent?.length ?? 0);
    (this.#responses.get(reply.plugin)?.get(reply.rcode) ?? this.#responsesOf(reply)).n++;
  }

  #requestsOf(proto: number, family: number, typeIndex: number): Count {
    return this.#instruments.requests.child({ ...this.#labels, proto: protos[proto]!, family: String(family + 1), type: typeLabels[typeIndex]! });
  }

  #responsesOf({ plugin, rcode }: Reply): Count {
    const count = this.#instruments.responses.child({ ...this.#labels, rcode: rcodeText(rcode), plugin });
    this.#responses.set(plugin, (this.#responses.get(plugin) ?? new Map<number, Count>()).set(rcode, count));
    return count;
  }
}

/** Counts the queries of a block. */
export function measure(block: DnsBlock): void {
  const { clock, metrics } = block.host;
  const instruments = instrumentsOf(metrics);
  /** By the listener's address, then by zone. */
  const meters = new Map<string, Map<Name, ZoneMeter>>();
  const meterOf = (local: string, zone: Name): ZoneMeter => {
    const meter = new ZoneMeter(instruments, serverLabel(block, local), zone);
    meters.set(local, (meters.get(local) ?? new Map<Name, ZoneMeter>()).set(zone, meter));
    return meter;
  };
  const zones = new Map(block.zones.map((zone) => [zone, zone]));
  const onlyZone = zones.size === 1 ? block.zones[0] : undefined;
  block.hooks.done.tap('prometheus', (query, reply) => {
    const { local } = query.client;
    const zone = onlyZone ?? lookUpWithin(zones, query.name) ?? root;
    const meter = meters.get(local)?.get(zone) ?? meterOf(local, zone);
    meter.record(query, reply, (clock.now() - query.receivedAt) / 1000);
  });
}
