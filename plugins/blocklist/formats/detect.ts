/** Tells the format of a file from how it begins: each line votes for the format that it looks like. */
import { textOf } from './bytes.js';
import type { Format } from './formats.js';

/** As much of a file as is looked at, in octets: enough to get past a long licence. */
const sampleOctets = 64 * 1024;

/** What a line looks like, the first that fits; what fits none may be a plain name. */
const looks: readonly (readonly [RegExp, Format])[] = [
  [/^(!|\[adblock|@@\|\||\|\|)/i, 'adblock'],
  [/^(server|local|address)=\//, 'dnsmasq'],
  [/^\$(TTL|ORIGIN)\s|\s(SOA|CNAME)\s/i, 'rpz'],
  [/^\*\./, 'wildcard'],
  [/^([0-9]+(\.[0-9]+){3}|0|[0-9a-f]*:[0-9a-f:]*(%\w+)?)\s+[^\s#]/i, 'hosts'],
  [/^[^\s#;!]+$/, 'plain'],
];

/** The format that most of the first lines look like; `plain` when none looks like anything. */
export function detectFormat(bytes: Uint8Array): Format {
  const text = textOf(bytes, 0, Math.min(bytes.length, sampleOctets));
  const votes = new Map<Format, number>();
  for (const line of text.replace(/^\xef\xbb\xbf/, '').split('\n')) {
    const format = looks.find(([look]) => look.test(line.trimEnd()))?.[1];
    // One is enough: that parser reads plain names and hosts lines as well.
    if (format === 'adblock') return format;
    if (format !== undefined) votes.set(format, (votes.get(format) ?? 0) + 1);
  }
  let winner: Format = 'plain';
  for (const [format, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = format;
  return winner;
}
