/** What a query costs in CPU, by the path that it takes through the server. */
import { messageOf } from '../core/errors.js';
import type { Load } from './load.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { cacheAndForward, floor, relay, upstream, vpndns, type Directives, type Peer, type Recipe } from './servers.js';
import type { Subject } from './subject.js';
import { fewNames, listedNames, type Workbench } from './workbench.js';

export const pathNames = ['cached', 'static', 'blocked', 'forwarded'] as const;
export type PathName = (typeof pathNames)[number];

/** What one server needed on one path; an item of each array a round. */
export interface Speed {
  readonly path: PathName | 'echo';
  readonly server: string;
  /** Microseconds of CPU a query. */
  readonly cpu: readonly number[];
  /** The same over the echo's of that round. */
  readonly ratio: readonly number[];
  /** Answers a second. */
  readonly rate: readonly number[];
  /** The largest ratio that we allow ourselves. */
  readonly limit?: number;
}

const limits: Readonly<Record<PathName, number>> = { cached: 1.25, static: 1.25, blocked: 1.25, forwarded: 3 };
/** Numbers from here on are names that nobody has asked for. */
const newNames = 100_000_000;
/** The same, for warming up. */
const warmingNames = 200_000_000;

/** A server on a path, and what it is asked in a round; round −1 warms it up. */
interface Contender {
  readonly path: Speed['path'];
  readonly server: string;
  readonly subject: Subject;
  load(round: number): Load;
}

interface Sample {
  readonly cpu: number;
  readonly rate: number;
}

/** Runs all contenders in turn, round by round. What can't be measured is noted and left out. */
export async function measureSpeed(bench: Workbench, paths: readonly PathName[], peers: readonly Peer[]): Promise<Speed[]> {
  if (paths.length === 0) return [];
  const contenders = await assemble(bench, paths, peers);
  for (const contender of contenders) await takeTurn(bench, contender, -1);
  const samples: Sample[][] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const turns: Sample[] = [];
    for (const contender of contenders) turns.push(await takeTurn(bench, contender, round));
    samples.push(turns);
    const costs = contenders.map(({ path, server }, i) => `${path} ${server} ${turns[i]!.cpu.toFixed(1)}`);
    bench.progress(`round ${round + 1} of ${bench.rounds}, µs a query: ${costs.join(', ')}`);
  }
  await Promise.all(contenders.map(({ subject }) => subject.stop()));
  return contenders.map(({ path, server }, i) => ({
    path, server,
    cpu: samples.map((turns) => turns[i]!.cpu),
    ratio: samples.map((turns) => turns[i]!.cpu / turns[0]!.cpu),
    rate: samples.map((turns) => turns[i]!.rate),
    ...(path === 'echo' || server !== 'vpndns' ? {} : { limit: limits[path] }),
  }));
}

/** Starts the floor, which comes first, and everybody else. */
async function assemble(bench: Workbench, paths: readonly PathName[], peers: readonly Peer[]): Promise<Contender[]> {
  const { port: upstreamPort } = await started(bench, upstream);
  const contender = async (path: Speed['path'], server: string, recipe: Recipe, compiles: boolean): Promise<Contender> => {
    const subject = await started(bench, recipe, upstreamPort);
    return { path, server, subject, load: loadsOf(bench, path, subject.port, compiles) };
  };
  const contenders = [await contender('echo', 'bare socket', floor, true)];
  for (const path of paths) {
    contenders.push(await contender(path, 'vpndns', vpndns(directivesOf(bench, path)), true));
    if (path === 'forwarded') contenders.push(await contender(path, 'bare relay', relay, true));
    if (path !== 'cached' && path !== 'forwarded') continue;
    for (const { program, recipe } of peers) {
      try {
        contenders.push(await contender(path, program, recipe, false));
      } catch (error) {
        bench.note(`${program} could not be measured: ${messageOf(error)}`);
      }
    }
  }
  return contenders;
}

/** What a path's rounds ask. The round that warms up fills caches and, for what runs on Node.js (`compiles`), lets its compiler finish. */
function loadsOf(bench: Workbench, path: Speed['path'], port: number, compiles: boolean): Contender['load'] {
  const common = { port, inFlight: 64, sockets: 8 };
  if (path !== 'forwarded') {
    const file = bench.queries(0, fewNames);
    return (round) => ({ ...common, file, seconds: round < 0 && compiles ? 2 : bench.quick ? 0.4 : 2 });
  }
  const count = bench.quick ? 10_000 : 60_000;
  return (round) => ({ ...common, file: round < 0 && compiles ? bench.queries(warmingNames, 60_000) : bench.queries(newNames + round * count, count) });
}

async function started(bench: Workbench, recipe: Recipe, upstreamPort?: number): Promise<Subject> {
  const subject = await bench.start(recipe, upstreamPort);
  await subject.waitForAnswer(nameOfNumber(0), isResponse);
  return subject;
}

/** What our server's block says for a path. */
export function directivesOf(bench: Workbench, path: PathName): Directives {
  if (path === 'static') return () => `static ${bench.records(fewNames)}`;
  if (path === 'blocked') return () => `blocklist {\nfile ${bench.list(listedNames)}\n}`;
  return cacheAndForward;
}

async function takeTurn(bench: Workbench, { path, server, subject, load }: Contender, round: number): Promise<Sample> {
  const before = subject.cpuSeconds();
  const { sent, answered, failed, seconds } = await bench.generate(load(round));
  const cpu = ((subject.cpuSeconds() - before) * 1e6) / answered;
  if (round >= 0 && sent - answered + failed > sent / 1000) {
    bench.note(`${path}, ${server}: of ${sent} queries ${sent - answered} were lost and ${failed} failed.`);
  }
  return { cpu, rate: answered / seconds };
}
