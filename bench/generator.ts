/** Who asks: dnsperf if it is there, since on a small machine the asker must cost less than the asked; our own generator otherwise. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { latencyOf, type Load, type Outcome } from './load.js';
import { compiled } from './programs.js';

const run = promisify(execFile);
const outputBytes = 64 * 1024 * 1024;

/** Sends a load and returns what came of it. */
export type Generator = (load: Load) => Promise<Outcome>;

export const nodeGenerator: Generator = async (load) => {
  const { stdout } = await run(process.execPath, [compiled('./generate.js'), JSON.stringify(load)]);
  return JSON.parse(stdout) as Outcome;
};

export const dnsperf: Generator = async ({ port, file, seconds, inFlight, sockets, rate, threads = 1 }) => {
  const { stdout } = await run('dnsperf', [
    '-s', '127.0.0.1', '-p', String(port), '-d', file, '-c', String(sockets), '-q', String(inFlight), '-t', '2', '-T', String(threads),
    ...(seconds === undefined ? ['-n', '1'] : ['-l', String(seconds)]),
    ...(rate === undefined ? [] : ['-Q', String(rate), '-v']),
  ], { maxBuffer: outputBytes });
  const number = (label: RegExp): number => Number(label.exec(stdout)?.[1] ?? 0);
  const answered = number(/Queries completed: +(\d+)/);
  const outcome = {
    sent: number(/Queries sent: +(\d+)/), answered, failed: answered - number(/Response codes:.* NOERROR (\d+)/), seconds: number(/Run time \(s\): +([\d.]+)/),
  };
  if (rate === undefined) return outcome;
  // With -v there is a line an answer: `> NOERROR example.org A 0.000056`.
  return { ...outcome, latency: latencyOf(Array.from(stdout.matchAll(/^> .* ([\d.]+)$/gm), ([, taken]) => Number(taken) * 1000)) };
};
