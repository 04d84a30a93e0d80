/**
 * Makes lists of names that look like those of real ones, the same for the same number each time:
 * `node dist/bench/names.js COUNT > FILE`. 26 octets each on average.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const services = ['ads', 'track', 'stats', 'metrics', 'pixel', 'cdn', 'beacon', 'log', 'click', 'tags', 'img', 'sync', 'api', 'go', 's', 'analytics'];
const firstParts = [
  'ad', 'blue', 'click', 'data', 'easy', 'fast', 'global', 'hyper', 'info', 'junk',
  'key', 'lead', 'media', 'net', 'open', 'prime', 'quick', 'red', 'smart', 'web',
];
const secondParts = [
  'force', 'mart', 'link', 'serve', 'hub', 'lab', 'point', 'zone', 'view', 'works',
  'stream', 'gate', 'shop', 'line', 'base', 'trade', 'cast', 'box', 'mind', 'reach',
];
const thirdParts = ['', 'now', 'group', 'online', 'ads', '', 'world', 'media'];
const endings = ['com', 'com', 'com', 'com', 'net', 'org', 'info', 'de', 'ru', 'io', 'co.uk', 'xyz', 'com.br', 'online', 'fr', 'cn'];

/** The numbers below 2^32 in an order without an order: multiplying by an odd number visits each once. */
const shuffled = (i: number): number => Math.imul(i + 1, 0x9e3779b1) >>> 0;

const pick = (list: readonly string[], number: number): string => list[number % list.length]!;

/** The name of a number below 2^32; every number has another name, for its own digits stand in it. */
export function nameOfNumber(i: number): string {
  const number = shuffled(i);
  const domain = `${pick(firstParts, number >>> 3)}${pick(secondParts, number >>> 9)}${pick(thirdParts, number >>> 13)}`;
  const digits = number.toString(36);
  const ending = pick(endings, number >>> 15);
  // Half of them are hosts below a domain that others share, half domains of their own.
  return number & 1 ? `${pick(services, number >>> 20)}-${digits}.${domain}.${ending}` : `${domain}-${digits}.${ending}`;
}

/** Writes the names of 0 … count−1, one a line. */
export async function writeNames(count: number, stream: NodeJS.WritableStream): Promise<void> {
  let block = '';
  for (let i = 0; i < count; i++) {
    block += `${nameOfNumber(i)}\n`;
    if (block.length < 65_536 && i + 1 < count) continue;
    if (!stream.write(block)) await once(stream, 'drain');
    block = '';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeNames(Number(process.argv[2] ?? 1_000_000), process.stdout);
