/** A site's monotonic clock: it drifts, stands still while the host is suspended, and begins somewhere else at every start of the daemon. */
export class Clock {
  readonly #rate: number;
  #origin = 0;
  /** True time for which the host was suspended. */
  #lost = 0;
  #suspendedAt: number | undefined;

  constructor(driftPpm: number) {
    this.#rate = 1 + driftPpm / 1e6;
  }

  /** A daemon starts: its clock has nothing to do with that of the one before. */
  begin(origin: number): void {
    this.#origin = origin;
  }

  /** Whole milliseconds at a moment of true time. */
  read(now: number): number {
    return Math.floor(this.#origin + ((this.#suspendedAt ?? now) - this.#lost) * this.#rate);
  }

  /** The true time at which it will read so, if the host is not suspended until then. */
  whenReads(moment: number): number {
    return (moment - this.#origin) / this.#rate + this.#lost;
  }

  suspend(now: number): void {
    this.#suspendedAt ??= now;
  }

  resume(now: number): void {
    if (this.#suspendedAt !== undefined) this.#lost += now - this.#suspendedAt;
    this.#suspendedAt = undefined;
  }
}
