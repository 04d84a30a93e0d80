/** Whether what was sampled grows. */
import { median } from '../statistics.js';

/** Something that must not grow. */
export interface Series {
  readonly what: string;
  readonly unit: string;
  /** Growth over the judged half that is no growth: what allocators and compilers do by themselves. */
  readonly allowed: number;
  readonly points: readonly Point[];
}

export interface Point {
  /** Since the start. */
  readonly seconds: number;
  readonly value: number;
}

export interface Verdict {
  /** Over the last half, by its slope. */
  readonly growth: number;
  readonly grows: boolean;
}

/** The later half of the points: by then all that fills up has filled up. */
export const lastHalf = (points: readonly Point[]): readonly Point[] => points.slice(Math.floor(points.length / 2));

/** The slope of most pairs of points, a second (Theil and Sen): one point that lies far off does not bend it. 0 of fewer than two points. */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((one, i) =>
    points.slice(i + 1).filter(({ seconds }) => seconds !== one.seconds).map(({ seconds, value }) => (value - one.value) / (seconds - one.seconds)));
  return slopes.length === 0 ? 0 : median(slopes);
}

export function judge({ points, allowed }: Series): Verdict {
  const half = lastHalf(points);
  const growth = slopeOf(half) * ((half.at(-1)?.seconds ?? 0) - (half[0]?.seconds ?? 0));
  return { growth, grows: growth > allowed };
}
