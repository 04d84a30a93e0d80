/** What `dynvpn status` shows: a table of VPNs and sites, as the site that was asked sees it. */
import type { State } from '../machine/index.js';
import type { PeerSnapshot, SiteSnapshot, VpnSnapshot } from '../snapshot.js';

/** What `GET /debug_state` answers. */
export interface DebugState extends SiteSnapshot {
  readonly state: Pick<State, 'now'> & { readonly vpns: readonly { readonly id: string; readonly heldSince?: number | null }[] };
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** Puts a text in a colour, or leaves it as it is. */
export type Paint = (text: string, colour: Colour) => string;

const codes: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 };

export const plain: Paint = (text) => text;
export const coloured: Paint = (text, colour) => `\x1b[${codes[colour]}m${text}\x1b[0m`;

const colourOf: Readonly<Record<string, Colour>> = {
  Online: 'green', Replica: 'dim', Pending: 'yellow', Failed: 'red', Offline: 'dim', 'not configured': 'dim', stuck: 'red',
};

interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

/** The lines of the table. */
export function statusTable(seen: DebugState, paint: Paint): string[] {
  const { site, replicaMode, agree, upSeconds, peers, vpns } = seen;
  const ids = [...new Set([...vpns.map(({ id }) => id), ...peers.flatMap((peer) => Object.keys(peer.vpns))])].sort(byNumber);
  const head: Cell[] = ['VPN', site, ...peers.map((peer) => peer.site), 'ONLINE FOR', 'WHY'].map((text) => ({ text, colour: 'bold' }));
  const rows = ids.map((id): Cell[] => {
    const own = vpns.find((vpn) => vpn.id === id);
    const cells = [ownCell(own), ...peers.map((peer) => cellOf(peer.vpns[id] ?? 'not configured'))];
    return [{ text: id, colour: 'bold' }, ...cells, { text: onlineFor(seen, own) }, { text: own?.reason ?? '' }];
  });
  const notes = peers.map((peer) => noteOn(peer, site)).filter((text) => text !== undefined).map((text) => paint(text, 'red'));
  const agreed = agree === 'lease' ? 'leases' : 'peers';
  const summary = `${site}, up for ${duration(upSeconds)}; replica_mode ${replicaMode}; agreed by ${agreed}`;
  return [summary, ...notes, '', ...layOut([head, ...rows], paint)];
}

/** What is not as it should be between a peer and this site. */
function noteOn({ site, alive, status, configuration }: PeerSnapshot, own: string): string | undefined {
  if (configuration === 'without us') return `${site} has a configuration without ${own}: nothing is online here`;
  if (configuration === 'other') return `${site} has another configuration: turns are taken by name`;
  return alive ? undefined : `${site} is ${status === 'AdminOffline' ? 'shut down' : 'not reached'}`;
}

const cellOf = (status: string): Cell => ({ text: status, colour: colourOf[status] ?? 'yellow' });

function ownCell(vpn: VpnSnapshot | undefined): Cell {
  if (vpn === undefined) return cellOf('not configured');
  return vpn.stuck === undefined ? cellOf(vpn.status) : cellOf('stuck');
}

/** For how long somebody has had it Online: by its own word, or as long as we have known. */
function onlineFor({ state: { now, vpns } }: DebugState, own: VpnSnapshot | undefined): string {
  if (own?.status === 'Online') return duration(own.seconds);
  const heldSince = vpns.find(({ id }) => id === own?.id)?.heldSince;
  return typeof heldSince === 'number' ? duration((now - heldSince) / 1000) : '-';
}

/** Columns as wide as what stands in them; the last may be as long as it likes. */
function layOut(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.text.length)));
  return rows.map((row) => row.map(({ text, colour }, column) => {
    const padded = column === row.length - 1 ? text : text.padEnd(widths[column]!);
    return colour === undefined ? padded : paint(padded, colour);
  }).join('  ').trimEnd());
}

/** `dynvpn2` before `dynvpn10`. */
const byNumber = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

/** `3d 4h`, `2m 5s`: the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[Math.floor(whole / 86_400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'm'], [whole % 60, 's']] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return first === -1 ? '0s' : parts.slice(first, first + 2).map(([count, unit]) => `${count}${unit}`).join(' ');
}
