/** Draws what a query costs as bars, one a server and path, with the limits that we set ourselves. */
import type { Speed } from './speed.js';
import { median } from './statistics.js';

const rowHeight = 24;
const labelWidth = 190;
const plotWidth = 460;
const margin = 16;
const topHeight = 40;

const colours = { ours: '#2b6cb0', others: '#a0aec0', limit: '#c53030' } as const;

const text = (x: number, y: number, content: string, anchor = 'start'): string => `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;

/** An SVG picture of the medians, in multiples of the floor's. */
export function plot(speeds: readonly Speed[]): string {
  const largest = Math.max(...speeds.map(({ ratio, limit }) => Math.max(median(ratio), limit ?? 0)));
  const xOf = (ratio: number): number => Math.round(labelWidth + (ratio / largest) * plotWidth);
  const height = topHeight + speeds.length * rowHeight + margin;
  const rows = speeds.map(({ path, server, ratio, limit }, i) => {
    const y = topHeight + i * rowHeight;
    const value = median(ratio);
    const colour = server === 'vpndns' ? colours.ours : colours.others;
    const bar = `<rect x="${labelWidth}" y="${y + 4}" width="${xOf(value) - labelWidth}" height="${rowHeight - 8}" fill="${colour}"/>`;
    const mark = limit === undefined ? '' : `<rect x="${xOf(limit) - 1}" y="${y}" width="2" height="${rowHeight}" fill="${colours.limit}"/>`;
    const figure = text(xOf(Math.max(value, limit ?? 0)) + 6, y + 16, value.toFixed(2));
    return text(labelWidth - 8, y + 16, `${path}, ${server}`, 'end') + bar + mark + figure;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${labelWidth + plotWidth + 60} ${height}" font-family="sans-serif" font-size="12" fill="#4a5568">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(margin, 22, 'CPU per query, in multiples of a bare Node.js socket; shorter is better; red: the limit'),
    ...rows, '</svg>', '',
  ].join('\n');
}
