/** The few shapes that a diagram is made of, as SVG. */

export type Attributes = Readonly<Record<string, string | number>>;

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** `<NAME …>…</NAME>` */
export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(value))}"`).join('');
  return children.length === 0 ? `<${name}${words}/>` : `<${name}${words}>${children.join('')}</${name}>`;
};

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const middleOf = ({ x, width }: Box): number => x + width / 2;
export const rightOf = ({ x, width }: Box): number => x + width;
export const bottomOf = ({ y, height }: Box): number => y + height;

export const box = ({ x, y, width, height }: Box, kind: string, more: Attributes = {}): string =>
  element('rect', { class: kind, x, y, width, height, rx: 8, ...more });

/** @param kind classes: `name`, `address`, `note`, and `start` or `end` for texts that are not centred */
export const text = (x: number, y: number, kind: string, content: string): string => element('text', { class: kind, x, y }, escape(content));

/** Lines of text in the middle of a box; those without a word are left out. */
export function paragraph(around: Box, lines: readonly (readonly [kind: string, content: string])[]): string[] {
  const shown = lines.filter(([, content]) => content !== '');
  const top = around.y + around.height / 2 - ((shown.length - 1) * lineHeight) / 2 + 4;
  return shown.map(([kind, content], i) => text(middleOf(around), top + i * lineHeight, kind, content));
}

const lineHeight = 17;

type Point = readonly [x: number, y: number];

/** A line from corner to corner, with its corners rounded. */
export function line(kind: string, points: readonly Point[], more: Attributes = {}): string {
  const middle = points.slice(1, -1).map((corner, i) => {
    const [before, after] = [towards(corner, points[i]!), towards(corner, points[i + 2]!)];
    return `L${before.join(' ')}Q${corner.join(' ')} ${after.join(' ')}`;
  });
  return element('path', { class: kind, d: `M${points[0]!.join(' ')}${middle.join('')}L${points.at(-1)!.join(' ')}`, ...more });
}

const radius = 8;

/** The point on the way from a corner, where its rounding ends. */
function towards([x, y]: Point, [toX, toY]: Point): Point {
  const length = Math.hypot(toX - x, toY - y);
  const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return [round(x + (toX - x) * part), round(y + (toY - y) * part)];
}

const round = (value: number): number => Math.round(value * 10) / 10;
