/**
 * What peers say to each other, as JSON. The outer shape is that of the predecessor, and all it reads; the key `dynvpn` holds the machine's
 * whole message, and all we read of a peer that sends it:
 *
 *     {"id": "host1", "replica_mode": "Auto", "state": {"host1": {"id": "host1", "vpn": {"dynvpn3": "Online"}}, …}, "dynvpn": {…}}
 *
 * Everything that comes in is checked, field by field, before the machine sees it: what a key or number may be, how many there may be.
 * Objects that are keyed by outside names have no prototype.
 */
import { limits } from '../../../core/limits.js';
import type { Heard, Message, ReplicaMode, SiteReport, SiteStatus, State, Status, VpnReport } from '../../machine/index.js';
import { messageOf } from '../../machine/index.js';
import { stateOnWire } from '../../state-on-wire.js';

/** A message that is not what it should be. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** What a peer has said. */
export interface Said {
  readonly site: string;
  /** `undefined` from a predecessor, or in a pull that carries none. */
  readonly message: Message | undefined;
  /** A predecessor's statuses of its own VPNs. */
  readonly statuses: Readonly<Record<string, Status>> | undefined;
  readonly replicaMode: ReplicaMode;
}

/** @param now on the machine's clock */
export const encodeState = (state: State, now: number): string => JSON.stringify({ ...stateOnWire(state), dynvpn: messageOf(state, now) });

/** The body of a pull: who asks, and what it has to say itself, so that one call shows both that both directions work. */
export const encodePull = (state: State, now: number): string =>
  JSON.stringify({ site_id: state.config.site, replica_mode: state.replicaMode, dynvpn: messageOf(state, now) });

/** Reads a pushed state, or the answer to a pull. Throws a `MalformedMessage`. */
export function decodeState(text: string): Said {
  const body = parse(text);
  const site = nameAt(body['id'], 'id');
  const replicaMode = body['replica_mode'] === undefined ? 'Manual' : oneOf(replicaModes, body['replica_mode'], 'replica_mode');
  if (body['dynvpn'] !== undefined) return { site, message: messageFrom(body['dynvpn'], site), statuses: undefined, replicaMode };
  const own = objectAt(objectAt(body['state'], 'state')[site], `state.${site}`);
  const statuses = tableAt(own['vpn'], `state.${site}.vpn`, limits.haVpns, (value, at) => oneOf(vpnStatuses, value, at));
  return { site, message: undefined, statuses, replicaMode };
}

/** Reads the body of a pull. Throws a `MalformedMessage`. */
export function decodePull(text: string): Said {
  const body = parse(text);
  const site = nameAt(body['site_id'], 'site_id');
  const message = body['dynvpn'] === undefined ? undefined : messageFrom(body['dynvpn'], site);
  return { site, message, statuses: undefined, replicaMode: message?.replicaMode ?? 'Manual' };
}

/**
 * A predecessor's statuses as a message. It counts no epochs and no messages: whoever has the higher epoch keeps a VPN, which is we; and the
 * time at which we heard it stands for its sequence.
 * @param heard of our own messages, the one that it has answered; `undefined` when it spoke unasked
 */
export function messageOfPredecessor({ site, statuses, replicaMode }: Said, own: State, wall: number, heard: Heard | undefined): Message {
  const vpns = Object.entries(statuses ?? {}).map(([id, status]): [string, VpnReport] => [id, {
    status, epoch: 0, claim: status === 'Online' || status === 'Pending', forced: false, ready: status === 'Replica', stuck: false, leaving: false,
  }]);
  return {
    site, incarnation: 0, seq: Math.floor(wall), sentAt: wall, status: 'Online', replicaMode, hash: own.config.hash, sees: [], others: [],
    vpns: bare(vpns), heard: heard === undefined ? {} : { [own.config.site]: heard },
  };
}

const vpnStatuses: readonly Status[] = ['Pending', 'Online', 'Replica', 'Failed', 'Offline'];
const siteStatuses: readonly SiteStatus[] = ['Pending', 'Online', 'Offline', 'AdminOffline'];
const replicaModes: readonly ReplicaMode[] = ['Auto', 'Manual', 'Disabled'];

function messageFrom(value: unknown, site: string): Message {
  const body = objectAt(value, 'dynvpn');
  const report = reportFrom(body, 'dynvpn');
  if (report.site !== site) throw new MalformedMessage(`dynvpn.site: '${report.site}' is not '${site}'`);
  return {
    ...report,
    sentAt: momentAt(body['sentAt'], 'dynvpn.sentAt'),
    heard: tableAt(body['heard'], 'dynvpn.heard', limits.haSites, heardFrom),
    others: listAt(body['others'], 'dynvpn.others', (other, at) => reportFrom(objectAt(other, at), at)),
  };
}

function reportFrom(body: Table, at: string): SiteReport {
  return {
    site: nameAt(body['site'], `${at}.site`),
    incarnation: countAt(body['incarnation'], `${at}.incarnation`),
    seq: countAt(body['seq'], `${at}.seq`),
    status: oneOf(siteStatuses, body['status'], `${at}.status`),
    replicaMode: oneOf(replicaModes, body['replicaMode'], `${at}.replicaMode`),
    hash: textAt(body['hash'], `${at}.hash`),
    sees: listAt(body['sees'], `${at}.sees`, nameAt),
    vpns: tableAt(body['vpns'], `${at}.vpns`, limits.haVpns, vpnFrom),
  };
}

function vpnFrom(value: unknown, at: string): VpnReport {
  const body = objectAt(value, at);
  return {
    status: oneOf(vpnStatuses, body['status'], `${at}.status`),
    epoch: countAt(body['epoch'], `${at}.epoch`),
    claim: flagAt(body['claim'], `${at}.claim`),
    forced: flagAt(body['forced'], `${at}.forced`),
    ready: flagAt(body['ready'], `${at}.ready`),
    stuck: flagAt(body['stuck'], `${at}.stuck`),
    leaving: flagAt(body['leaving'], `${at}.leaving`),
  };
}

function heardFrom(value: unknown, at: string): Heard {
  const body = objectAt(value, at);
  return {
    incarnation: countAt(body['incarnation'], `${at}.incarnation`),
    sentAt: momentAt(body['sentAt'], `${at}.sentAt`),
    seq: countAt(body['seq'], `${at}.seq`),
  };
}

type Table = Readonly<Record<string, unknown>>;

function parse(text: string): Table {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new MalformedMessage('the body is no JSON');
  }
  return objectAt(body, 'the body');
}

function objectAt(value: unknown, at: string): Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedMessage(`${at}: expected an object`);
  return bare(Object.entries(value));
}

function tableAt<T>(value: unknown, at: string, most: number, read: (value: unknown, at: string) => T): Readonly<Record<string, T>> {
  const entries = Object.entries(objectAt(value, at));
  if (entries.length > most) throw new MalformedMessage(`${at}: at most ${most} entries`);
  return bare(entries.map(([name, each]) => [nameAt(name, at), read(each, `${at}.${name}`)]));
}

/** A list with an entry for each site at most. */
function listAt<T>(value: unknown, at: string, read: (value: unknown, at: string) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > limits.haSites) throw new MalformedMessage(`${at}: expected a list of at most ${limits.haSites} entries`);
  return value.map((each: unknown, i) => read(each, `${at}[${i}]`));
}

/** An object that has these keys and nothing else, not even a prototype. */
function bare<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const table = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) table[name] = value;
  return table;
}

function nameAt(value: unknown, at: string): string {
  const isName = typeof value === 'string' && value.length <= limits.haName && /^[\w.:@+-]+$/.test(value);
  if (!isName) throw new MalformedMessage(`${at}: expected a name of letters, digits and .:@+-_`);
  return value;
}

function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.length > limits.haName) throw new MalformedMessage(`${at}: expected a string of at most ${limits.haName} characters`);
  return value;
}

function countAt(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new MalformedMessage(`${at}: expected a whole number from 0`);
  return value;
}

/** A moment on somebody's clock. */
function momentAt(value: unknown, at: string): number {
  const isMoment = typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
  if (!isMoment) throw new MalformedMessage(`${at}: expected a number from 0`);
  return value;
}

function flagAt(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw new MalformedMessage(`${at}: expected true or false`);
  return value;
}

function oneOf<T extends string>(known: readonly T[], value: unknown, at: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new MalformedMessage(`${at}: expected one of ${known.join(', ')}`);
  return found;
}
