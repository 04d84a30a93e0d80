/**
 * `npm run faults`: what becomes of answers while things break, and how soon all is well again. Each fault is done to a process of its own, under
 * 200 queries a second, half of them for names of upstreams. Some minutes.
 *
 *     --seconds N     how long each fault lasts (default 4), and half of that before and after it
 *     --only F1,F5    these alone
 *     --write         puts the table into README.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../tidy/files.js';
import { faultCases, type FaultCase } from './cases.js';
import { Load, type Asked } from './load.js';
import { pause, Stage } from './stage.js';

/** What became of the queries of one time. */
interface Share {
  /** Answered with NOERROR, of a hundred. */
  readonly good: number;
  readonly failed: number;
  readonly lost: number;
  /** Milliseconds, of those that were answered. */
  readonly p99: number;
}

interface Outcome {
  readonly fault: FaultCase;
  readonly own: Share;
  readonly during: Share;
  readonly recoveryMs: number;
  readonly loopDelayMs: number | undefined;
  /** What does not hold that must. */
  readonly broken: readonly string[];
}

function shareOf(asked: readonly Asked[]): Share {
  const times = asked.flatMap(({ took }) => took ?? []).sort((a, b) => a - b);
  const percent = (holds: (each: Asked) => boolean): number => (100 * asked.filter(holds).length) / Math.max(1, asked.length);
  return {
    good: percent(({ rcode }) => rcode === 0),
    failed: percent(({ rcode }) => rcode !== undefined && rcode !== 0),
    lost: percent(({ took }) => took === undefined),
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}

async function measure(fault: FaultCase, ms: number): Promise<Outcome> {
  const stage = await Stage.set(fault);
  try {
    const { server, options } = stage;
    const load = await Load.begin(options.port);
    await pause(ms / 2);
    await server.loopDelayMs();
    // The monitor measures from its second tick on.
    await pause(100);
    const begins = load.now;
    await fault.act(stage, ms);
    const ends = load.now;
    await pause(Math.max(ms / 2, fault.recoveryMs + 1_000));
    const asked = await load.end();
    const loopDelayMs = await server.loopDelayMs();
    const during = asked.filter(({ sentAt }) => sentAt >= begins && sentAt < ends);
    const lastBad = asked.findLast(({ sentAt, rcode }) => sentAt >= begins && rcode !== 0)?.sentAt ?? 0;
    const outcome = {
      fault, own: shareOf(during.filter(({ isOwn }) => isOwn)), during: shareOf(during.filter(({ isOwn }) => !isOwn)),
      recoveryMs: Math.max(0, lastBad - ends), loopDelayMs,
    };
    return { ...outcome, broken: brokenIn(outcome, server.isAlive, server.output) };
  } finally {
    await stage.strike();
  }
}

function brokenIn({ fault, own, during, recoveryMs }: Omit<Outcome, 'broken'>, isAlive: boolean, output: string): string[] {
  const broken: string[] = [];
  if (!isAlive) broken.push('the process is gone');
  if (/unhandled|uncaught/i.test(output)) broken.push('an error was not handled');
  if (fault.stopsServer !== true && own.good < 100) broken.push(`${(100 - own.good).toFixed(1)} % of its own names were not answered`);
  if (during.good < fault.answered) broken.push(`${during.good.toFixed(1)} % answered; at least ${fault.answered} % must be`);
  if (recoveryMs > fault.recoveryMs) broken.push(`well again after ${recoveryMs.toFixed(0)} ms; at most ${fault.recoveryMs} ms`);
  return broken;
}

const percent = (share: number): string => (share === 0 || share === 100 ? `${share}` : share.toFixed(1));

function rowOf({ fault: { id, what }, own, during, recoveryMs, loopDelayMs, broken }: Outcome): string {
  const cells = [
    id, what, percent(own.good), percent(during.good), percent(during.failed), percent(during.lost), during.p99.toFixed(0),
    recoveryMs.toFixed(0), loopDelayMs?.toFixed(0) ?? '-', broken.length === 0 ? 'yes' : `no: ${broken.join('; ')}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const head = [
  '| | fault | own answered, % | others answered, % | failed, % | lost, % | p99, ms | well again after, ms | loop delay, ms | holds |',
  '|---|---|---|---|---|---|---|---|---|---|',
].join('\n');

function publish(rows: readonly string[], seconds: number): void {
  const path = join(repositoryRoot(), 'test/faults/README.md');
  const [before] = readFileSync(path, 'utf8').split('<!-- table -->');
  const processor = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`;
  const conditions = `Node.js ${process.version} on ${processor}, each fault for ${seconds} s.`;
  writeFileSync(path, `${before}<!-- table -->\n${conditions}\n\n${head}\n${rows.join('\n')}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '4' }, only: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 60)) throw new RangeError(`--seconds: '${values.seconds}' is no number from 1 to 60`);
  const only = values.only?.split(',');
  const unknown = only?.find((id) => !faultCases.some((fault) => fault.id === id));
  if (unknown !== undefined) throw new RangeError(`--only: there is no fault '${unknown}'`);
  const rows: string[] = [];
  console.log(head);
  for (const fault of faultCases.filter(({ id }) => only?.includes(id) ?? true)) {
    const { row, isWell } = await measure(fault, seconds * 1000).then(
      (outcome) => ({ row: rowOf(outcome), isWell: outcome.broken.length === 0 }),
      (error: unknown) => ({ row: `| ${fault.id} | ${fault.what} | | | | | | | | no: ${String(error).replaceAll(/\s+/g, ' ')} |`, isWell: false }),
    );
    rows.push(row);
    console.log(row);
    if (!isWell) process.exitCode = 1;
  }
  if (values.write) publish(rows, seconds);
}

await main();
