/** Draws what was sampled: a strip for each series, with the line by which its last half is judged. */
import { median } from '../statistics.js';
import { judge, lastHalf, slopeOf, type Point, type Series } from './judge.js';

const width = 700;
const stripHeight = 96;
const margin = 16;
const topHeight = 34;
const colours = { points: '#2b6cb0', steady: '#2f855a', grows: '#c53030', frame: '#e2e8f0' } as const;

/** An SVG picture; each strip begins at 0. */
export function pictureOf(series: readonly Series[]): string {
  const end = Math.max(1, ...series.flatMap(({ points }) => points.map(({ seconds }) => seconds)));
  const height = topHeight + series.length * stripHeight + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#4a5568">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${margin}" y="20">What the process holds, over ${(end / 60).toFixed(0)} minutes; the line is the trend of the last half</text>`,
    ...series.map((each, i) => strip(each, topHeight + i * stripHeight, end)), '</svg>', '',
  ].join('\n');
}

function strip(series: Series, top: number, end: number): string {
  const { what, unit, points } = series;
  const [room, base] = [stripHeight - 36, top + stripHeight - 12];
  const most = Math.max(1, ...points.map(({ value }) => value)) * 1.1;
  const place = ({ seconds, value }: Point): string =>
    `${(margin + (seconds / end) * (width - 2 * margin)).toFixed(1)},${(base - (value / most) * room).toFixed(1)}`;
  const colour = judge(series).grows ? colours.grows : colours.steady;
  return [
    `<text x="${margin}" y="${top + 14}">${what}: ${(points.at(-1)?.value ?? 0).toFixed(1)} ${unit}</text>`,
    `<line x1="${margin}" x2="${width - margin}" y1="${base}" y2="${base}" stroke="${colours.frame}"/>`,
    `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="${colours.points}" stroke-width="1.5"/>`,
    `<polyline points="${trendOf(points).map(place).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
  ].join('\n');
}

/** The ends of the line through the middle of the last half, with its slope. */
function trendOf(points: readonly Point[]): Point[] {
  const half = lastHalf(points);
  const slope = slopeOf(half);
  const [seconds, value] = [median(half.map((point) => point.seconds)), median(half.map((point) => point.value))];
  return [half[0], half.at(-1)].filter((point) => point !== undefined).map((point) => ({ ...point, value: value + slope * (point.seconds - seconds) }));
}
