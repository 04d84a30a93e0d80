/** Tries everything that can happen in a small world, breadth first, up to a depth; and from where it has come to, that all can be well again. */
import * as realMachine from '../machine/index.js';
import type { Heard, State, Vpn } from '../machine/index.js';
import type { Machine } from './machine.js';
import { Rules, type Move, type SmallWorld } from './small-world.js';

export interface SearchOptions {
  readonly machine?: Machine;
  readonly sites: number;
  readonly depth: number;
  /** Crashes and cuts on a path. */
  readonly troubles: number;
  readonly statesMax: number;
}

export interface Found {
  readonly states: number;
  /** The depth that was tried completely. */
  readonly depth: number;
  readonly broken: { readonly what: string; readonly moves: readonly string[] } | undefined;
}

interface Node {
  readonly world: SmallWorld;
  readonly parent: Node | undefined;
  readonly move: Move | undefined;
}

/** Turns until all has to be well: the longest pause, in steps of a tick. */
const turnsMax = 120;

/** Of so many states one is followed to a good end. */
const followEvery = 50;

export function search({ machine = realMachine, sites, depth, troubles, statesMax }: SearchOptions): Found {
  const rules = new Rules(machine, sites);
  const steady = settle(rules, rules.first(troubles));
  let frontier: Node[] = [rules.first(troubles), { ...steady, troubles }].map((world) => ({ world, parent: undefined, move: undefined }));
  const seen = new Set(frontier.map(({ world }) => keyOf(world)));
  for (let level = 0; level < depth; level++) {
    const next: Node[] = [];
    for (const node of frontier) {
      for (const move of rules.moves(node.world)) {
        try {
          const world = rules.play(node.world, move);
          const key = keyOf(world);
          if (seen.has(key)) continue;
          seen.add(key);
          next.push({ world, parent: node, move });
          if (seen.size % followEvery === 0) endsWell(rules, world);
        } catch (error) {
          const what = error instanceof Error ? error.message : String(error);
          return { states: seen.size, depth: level, broken: { what, moves: pathOf({ world: node.world, parent: node, move }) } };
        }
      }
      if (seen.size >= statesMax) return { states: seen.size, depth: level, broken: undefined };
    }
    frontier = next;
  }
  return { states: seen.size, depth, broken: undefined };
}

/** From anywhere, when nothing fails any more, exactly one site has it in the end. */
function endsWell(rules: Rules, world: SmallWorld): void {
  const { sites } = settle(rules, world);
  const online = sites.filter(({ state }) => state?.vpns[0]!.status === 'Online');
  if (online.length !== 1 || sites.some(({ session, state }) => session && state?.vpns[0]!.status !== 'Online')) {
    throw new Error(`L1: in the end it is Online at ${online.length} sites (${sites.map(({ state }) => state?.vpns[0]!.status).join(', ')})`);
  }
}

/** Heals everything, and lets everybody speak, and every script succeed, in turn. */
function settle(rules: Rules, from: SmallWorld): SmallWorld {
  let world: SmallWorld = { ...from, cuts: [], flights: [], troubles: 0 };
  world.sites.forEach(({ state }, site) => {
    if (state === undefined) world = rules.play(world, { do: 'restart', site });
  });
  for (let turn = 0; turn < turnsMax; turn++) {
    world = rules.play(world, { do: 'tick', site: rules.due(world) });
    for (const move of rules.moves(world)) if (move.do === 'say') world = rules.play(world, move);
    while (world.flights.length > 0) world = rules.play(world, { do: 'deliver', flight: 0 });
    for (let site = 0; site < world.sites.length; site++) {
      while (world.sites[site]!.state?.vpns[0]!.operation !== undefined) world = rules.play(world, { do: 'script', site, ok: true });
    }
  }
  return world;
}

function pathOf(node: Node | undefined): string[] {
  const moves: string[] = [];
  for (let at = node; at?.move !== undefined; at = at.parent) moves.unshift(Object.values(at.move).join(' '));
  return moves;
}

/** Two worlds with the same key go on alike: times count from now, and of numbers that only grow, which is the greater. */
function keyOf({ now, sites, flights, cuts, troubles }: SmallWorld): number {
  const parts = [
    ...sites.map(({ state, saved, session, route }) => [state === undefined ? 0 : stateKey(state, now), saved, session, route]),
    flights.map(({ source, target, message }) => {
      const heard = sites[target]!.state?.peers.find(({ site }) => site === message.site)?.heard;
      return [source, target, order(message, heard), message.vpns, message.status];
    }),
    cuts, troubles,
  ];
  return hash(JSON.stringify(parts));
}

const order = (one: Heard, other: Heard | undefined): boolean =>
  other === undefined || one.incarnation > other.incarnation || (one.incarnation === other.incarnation && one.sentAt >= other.sentAt && one.seq > other.seq);

function stateKey({ status, replicaMode, startedAt, graceUntil, vpns, peers, sees }: State, now: number): unknown {
  const ahead = (moment: number): number => Math.max(0, moment - now);
  const behind = (moment: number | undefined): number => (moment === undefined ? -1 : Math.min(now - moment, 70_000));
  const vpnKey = (vpn: Vpn): unknown => [
    vpn.status, vpn.want, vpn.phase, vpn.operation?.kind, ahead(vpn.operation?.deadline ?? 0), vpn.operation?.aborted, vpn.destination, vpn.epoch, vpn.forced,
    ahead(vpn.notBefore), ahead(vpn.checkAt), vpn.checksFailed, ahead(vpn.proveBy), vpn.restarts, vpn.failures, vpn.stuck !== undefined,
    vpn.lastHolder, behind(vpn.heldSince), behind(vpn.vacantSince), behind(vpn.since), vpn.session,
  ];
  return [
    status, replicaMode, ahead(startedAt + 6000), ahead(graceUntil), sees, vpns.map(vpnKey),
    peers.map(({ report, confirmedAt, alive, settled }) => [report?.status, report?.vpns, report?.sees, behind(Math.max(confirmedAt, -1e6)), alive, settled]),
  ];
}

/** 53 bits of two FNV-1a hashes: of a million states one in ten thousand searches confuses two. */
function hash(text: string): number {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return (high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff);
}
