/** The network: every directed link by itself, so that one-way trouble is the rule and not the exception. */
import type { Queue } from './queue.js';
import { between, type Random } from './random.js';
import type { Fault } from './schedule.js';

interface Link {
  cut: boolean;
  mute: boolean;
  jammed: boolean;
  loss: number;
  duplicate: number;
  delayMs: number;
  /** What waits in a jam. */
  readonly waiting: (() => void)[];
}

export class Net {
  readonly #queue: Queue;
  readonly #random: Random;
  readonly #links: Link[][];

  constructor(sites: number, queue: Queue, random: Random) {
    this.#queue = queue;
    this.#random = random;
    this.#links = Array.from({ length: sites }, () => Array.from({ length: sites }, () => ({
      cut: false, mute: false, jammed: false, loss: 0, duplicate: 0, delayMs: 0, waiting: [],
    })));
  }

  /** Carries something from one site to another: perhaps late, perhaps twice, perhaps never. */
  send(source: number, target: number, deliver: () => void, isPush = false): void {
    const link = this.#links[source]![target]!;
    if (link.cut || (link.mute && isPush) || (link.loss > 0 && this.#random() < link.loss)) return;
    if (link.jammed) return void link.waiting.push(deliver);
    this.#deliver(link, deliver);
    if (link.duplicate > 0 && this.#random() < link.duplicate) this.#deliver(link, deliver);
  }

  #deliver({ delayMs }: Link, deliver: () => void): void {
    this.#queue.after(between(this.#random, 5, 50) + (delayMs > 0 ? this.#random() * delayMs : 0), deliver);
  }

  /** Whether both directions work. */
  isWhole(one: number, other: number): boolean {
    return this.#isClear(one, other) && this.#isClear(other, one);
  }

  #isClear(source: number, target: number): boolean {
    const { cut, jammed, loss, delayMs } = this.#links[source]![target]!;
    return !cut && !jammed && loss === 0 && delayMs === 0;
  }

  /** Takes over the faults that are at work now. */
  refresh(active: Iterable<Fault>): void {
    for (const row of this.#links) {
      for (const link of row) {
        link.cut = link.mute = link.jammed = false;
        link.loss = link.duplicate = link.delayMs = 0;
      }
    }
    for (const fault of active) {
      if (!('source' in fault)) continue;
      const link = this.#links[fault.source]![fault.target]!;
      if (fault.kind === 'noise') {
        link.loss = Math.max(link.loss, fault.loss);
        link.duplicate = Math.max(link.duplicate, fault.duplicate);
        link.delayMs = Math.max(link.delayMs, fault.delayMs);
      } else if (fault.kind === 'cut') link.cut = true;
      else if (fault.kind === 'mute') link.mute = true;
      else link.jammed = true;
    }
    for (const row of this.#links) {
      for (const link of row) {
        if (!link.jammed && link.waiting.length > 0) for (const deliver of link.waiting.splice(0)) this.#deliver(link, deliver);
      }
    }
  }
}
