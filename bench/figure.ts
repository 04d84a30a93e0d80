/** A figure of the server as a whole. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One a round. */
  readonly values: readonly number[];
  /** The most that we allow ourselves. */
  readonly limit?: number;
}

/** Gathers the values of figures, round by round. */
export class Figures {
  readonly #figures = new Map<string, { readonly unit: string; readonly limit: number | undefined; readonly values: number[] }>();

  add(what: string, value: number, unit: string, limit?: number): void {
    const figure = this.#figures.get(what) ?? { unit, limit, values: [] };
    this.#figures.set(what, figure);
    figure.values.push(value);
  }

  get all(): Figure[] {
    return Array.from(this.#figures, ([what, { unit, limit, values }]) => ({ what, unit, values, ...(limit === undefined ? {} : { limit }) }));
  }
}
