/**
 * Metrics of a host. Instruments are asked for by name, so every generation of a configuration counts on where the last one stopped.
 * Each set of label values is a child object that a plugin fetches once and then updates with plain arithmetic; nothing is computed until
 * somebody reads {@link Metrics.text}.
 */
import assert from 'node:assert/strict';
import type { Metric } from 'prom-client';
import { limits } from './limits.js';

/** The values of a metric's labels. */
export type Labels<Label extends string = string> = Readonly<Record<Label, string>>;

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What counts for one set of label values. */
interface Child {
  samples(name: string, labels: Labels): Sample[];
}

/** A number that only grows. */
export class Count implements Child {
  n = 0;

  inc(): void {
    this.n++;
  }

  samples(metricName: string, labels: Labels): Sample[] {
    return [{ metricName, labels, value: this.n }];
  }
}

/** A number that somebody else keeps and that is read when metrics are asked for. */
export class Reading implements Child {
  readonly #readers: (() => number)[] = [];

  /**
   * Reads from here from now on. The returned function takes that back; then the reader before it, if any, is in use again (a generation
   * that failed to start gives way to the one that still runs).
   */
  watch(read: () => number): () => void {
    const reader = (): number => read();
    this.#readers.push(reader);
    return () => {
      const i = this.#readers.indexOf(reader);
      if (i >= 0) this.#readers.splice(i, 1);
    };
  }

  samples(metricName: string, labels: Labels): Sample[] {
    const read = this.#readers.at(-1);
    return read === undefined ? [] : [{ metricName, labels, value: valueOf(read) }];
  }
}

/** A reader that throws costs its own value, not the whole page. */
function valueOf(read: () => number): number {
  try {
    return read();
  } catch {
    return NaN;
  }
}

/** How often values fell below each of a list of bounds, and their sum. */
export class Distribution implements Child {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }

  samples(name: string, labels: Labels): Sample[] {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, i) => {
      count += this.#counts[i]!;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [...buckets, { metricName: `${name}_sum`, labels, value: this.#sum }, { metricName: `${name}_count`, labels, value: count }];
  }
}

/** A step from one label's value to the next one's. */
interface Branch<C> {
  readonly next: Map<string, Branch<C>>;
  child: C | undefined;
}

const branch = <C>(): Branch<C> => ({ next: new Map(), child: undefined });

type Kind = 'counter' | 'gauge' | 'histogram';

/** A metric: a child for each set of label values. */
export class Family<Label extends string, C extends Child> {
  readonly kind: Kind;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly #make: () => C;
  readonly #root = branch<C>();
  readonly #children: { readonly labels: Labels<Label>; readonly child: C }[] = [];
  #other: C | undefined;

  constructor(kind: Kind, help: string, labelNames: readonly Label[], make: () => C) {
    this.kind = kind;
    this.help = help;
    this.labelNames = labelNames;
    this.#make = make;
    // What has no labels shows as 0 before anything happens.
    if (labelNames.length === 0) this.child(this.#labels(() => ''));
  }

  /**
   * The child for these label values; always the same object. Beyond `limits.metricChildren` sets, all others share one child whose labels
   * are `other`. Keep the child: this look-up costs more than counting.
   */
  child(labels: Labels<Label>): C {
    let at = this.#root;
    for (const name of this.labelNames) {
      const next = at.next.get(labels[name]);
      if (next === undefined) return this.#grow(labels);
      at = next;
    }
    return at.child ?? this.#grow(labels);
  }

  samples(name: string): Sample[] {
    return this.#children.flatMap(({ labels, child }) => child.samples(name, labels));
  }

  #grow(labels: Labels<Label>): C {
    if (this.#children.length >= limits.metricChildren) return (this.#other ??= this.#add(branch(), this.#labels(() => 'other')));
    let at = this.#root;
    for (const name of this.labelNames) {
      const next = at.next.get(labels[name]) ?? branch<C>();
      at.next.set(labels[name], next);
      at = next;
    }
    return this.#add(at, this.#labels((name) => labels[name]));
  }

  #add(at: Branch<C>, labels: Labels<Label>): C {
    at.child = this.#make();
    this.#children.push({ labels, child: at.child });
    return at.child;
  }

  #labels(valueOf: (name: Label) => string): Labels<Label> {
    return Object.fromEntries(this.labelNames.map((name) => [name, valueOf(name)])) as Record<Label, string>;
  }
}

/** Bounds in seconds for the time that an answer takes: 0.25 ms, doubled up to 8 s, as in CoreDNS. */
export const durationBounds: readonly number[] = Array.from({ length: 16 }, (_, i) => 0.000_25 * 2 ** i);

/** What a page of metrics needs of a family. */
type AnyFamily = Pick<Family<never, Child>, 'kind' | 'help' | 'samples'>;

/** What a metric says at a moment; plain data. Its name is without the namespace. */
export interface FamilyReading {
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Adds up what several workers read: the sums of all samples that have name and labels in common. */
export function addReadings(all: readonly (readonly FamilyReading[])[]): FamilyReading[] {
  const families = new Map<string, FamilyReading & { readonly sums: Map<string, Sample> }>();
  for (const reading of all.flat()) {
    const family = families.get(reading.name) ?? { ...reading, sums: new Map<string, Sample>() };
    families.set(reading.name, family);
    for (const sample of reading.samples) {
      const key = `${sample.metricName} ${JSON.stringify(sample.labels)}`;
      family.sums.set(key, { ...sample, value: sample.value + (family.sums.get(key)?.value ?? 0) });
    }
  }
  return [...families.values()].map(({ sums, ...family }) => ({ ...family, samples: [...sums.values()] }));
}

/** What is left of the readings of somebody who is no more: what was counted stays counted, what was measured is not there any longer. */
export const lastingReadings = (readings: readonly FamilyReading[]): FamilyReading[] => readings.filter(({ kind }) => kind !== 'gauge');

/** The instruments of one host. Names are without the namespace: `cache_hits_total`. */
export class Metrics {
  readonly #families = new Map<string, { readonly family: AnyFamily; readonly declaration: string }>();
  readonly #elsewhere: (() => Promise<readonly FamilyReading[]>)[] = [];

  /** A metric that plugins count up. */
  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Family<Label, Count> {
    return this.#family('counter', name, help, labelNames, 'counted', () => new Count());
  }

  /** A metric that goes up and down; read when asked for. */
  gauge<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Family<Label, Reading> {
    return this.#family('gauge', name, help, labelNames, 'read', () => new Reading());
  }

  /** A number that only grows but that somebody else counts; read when asked for. */
  observedCounter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Family<Label, Reading> {
    return this.#family('counter', name, help, labelNames, 'read', () => new Reading());
  }

  /** @param bounds upper bounds of the buckets, ascending, in the unit that the name ends with */
  histogram<Label extends string = never>(
    name: string, help: string, bounds: readonly number[], labelNames: readonly Label[] = [],
  ): Family<Label, Distribution> {
    assert(bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), `${name}: the bounds must ascend`);
    return this.#family('histogram', name, help, labelNames, `bounds ${bounds.join()}`, () => new Distribution(bounds));
  }

  /** From now on {@link text} adds what is read elsewhere: in the other workers of the process. */
  include(read: () => Promise<readonly FamilyReading[]>): void {
    this.#elsewhere.push(read);
  }

  /** What is counted here, at this moment. */
  readings(): FamilyReading[] {
    return [...this.#families].map(([name, { family }]) => ({ name, kind: family.kind, help: family.help, samples: family.samples(name) }));
  }

  /** All metrics in Prometheus's text format, each name behind `NAMESPACE_`; an empty namespace adds nothing. */
  async text(namespace: string): Promise<string> {
    const elsewhere = await Promise.all(this.#elsewhere.map((read) => read()));
    // Some megabytes that only those pay for who ask.
    const { Registry } = await import('prom-client');
    const registry = new Registry();
    const prefix = namespace === '' ? '' : `${namespace}_`;
    for (const { name: bare, kind: type, help, samples } of addReadings([this.readings(), ...elsewhere])) {
      const name = prefix + bare;
      const values = samples.map((sample) => ({ ...sample, metricName: prefix + sample.metricName }));
      // A registry asks no more of a metric than this; its types ask for one of prom-client's own.
      const metric = { name, get: async () => ({ name, help, type, values }) };
      registry.registerMetric(metric as unknown as Metric);
    }
    return registry.metrics();
  }

  /** The family of that name. @param detail what has to be equal, besides kind and labels, for two declarations to mean the same */
  #family<Label extends string, C extends Child>(
    kind: Kind, name: string, help: string, labelNames: readonly Label[], detail: string, make: () => C,
  ): Family<Label, C> {
    assert([name, ...labelNames].every((word) => /^[a-z_][a-z0-9_]*$/i.test(word) && word !== 'le'), `${name}{${labelNames.join()}}: no name of a metric`);
    const declaration = `${kind} {${labelNames.join()}} ${detail}`;
    const found = this.#families.get(name);
    assert(found === undefined || found.declaration === declaration, `metric ${name} is ${found?.declaration}, and can't be ${declaration} too`);
    // Equal declarations make families of equal type.
    if (found !== undefined) return found.family as unknown as Family<Label, C>;
    const family = new Family(kind, help, labelNames, make);
    this.#families.set(name, { family, declaration });
    return family;
  }
}

/** The media type of {@link Metrics.text}. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';
