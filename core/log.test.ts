import test from 'ava';
import fc from 'fast-check';
import { openSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from './limits.js';
import { createLogger, streamSink, type Level, type Logger } from './log.js';
import { TestClock } from '../testing/index.js';

/** A logger and the lines that it wrote. */
function loggerWith(options: { readonly quiet?: boolean } = {}): { readonly log: Logger; readonly lines: string[]; readonly levels: Level[] } {
  const lines: string[] = [];
  const levels: Level[] = [];
  const log = createLogger((line, level) => {
    lines.push(line);
    levels.push(level);
  }, new TestClock(Date.UTC(2026, 10, 22, 14, 42)), options);
  return { log, lines, levels };
}

test('a line has its time, its level and its message', (t) => {
  const { log, lines, levels } = loggerWith();
  log.debug('a');
  log.info('b');
  log.warning('c');
  log.error('d');
  t.deepEqual(lines, ['DEBUG] a', 'INFO] b', 'WARNING] c', 'ERROR] d'].map((rest) => `2026-11-22T14:42:00.000Z [${rest}\n`));
  t.deepEqual(levels, ['debug', 'info', 'warning', 'error']);
});

test('a plugin’s lines begin with its name, and names add up', (t) => {
  const { log, lines } = loggerWith();
  log.for('blocklist').for('ads.txt').info('loaded');
  t.true(lines[0]!.endsWith('[INFO] blocklist: ads.txt: loaded\n'));
});

test('quiet leaves out what is no trouble, for plugins as well', (t) => {
  const { log, levels } = loggerWith({ quiet: true });
  for (const each of [log, log.for('cache')]) {
    each.debug('a');
    each.info('b');
    each.warning('c');
    each.error('d');
  }
  t.deepEqual(levels, ['warning', 'error', 'warning', 'error']);
});

test('the lines of one message are indented: a stack trace is one entry', (t) => {
  const { log, lines } = loggerWith();
  log.error('Error: oops\n    at f (file.js:1:1)');
  t.deepEqual(lines, ['2026-11-22T14:42:00.000Z [ERROR] Error: oops\n        at f (file.js:1:1)\n']);
});

test('no message can forge a line or drive a terminal', (t) => {
  const { log, lines } = loggerWith();
  log.info('a\r\n2026-11-22T14:42:00.000Z [ERROR] forged\x1b[2J\x07\t\x9b');
  t.deepEqual(lines, ['2026-11-22T14:42:00.000Z [INFO] a\\013\n    2026-11-22T14:42:00.000Z [ERROR] forged\\027[2J\\007\\009\\155\n']);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (message) => {
    lines.length = 0;
    log.info(message);
    t.is(lines.length, 1);
    const [, ...others] = lines[0]!.slice(0, -1).split('\n');
    t.true(others.every((line) => line.startsWith('    ')));
    t.notRegex(lines[0]!, /[\0-\x09\x0b-\x1f\x7f-\x9f]/);
  }), { numRuns: 500 });
});

test('a sink writes whole lines to its file, and at the end all of them', async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'out');
  const { sink, close, dropped } = streamSink(openSync(path, 'w'), new TestClock());
  for (let i = 0; i < 1000; i++) sink(`line ${i}\n`, 'info');
  await close();
  t.deepEqual((await readFile(path, 'utf8')).split('\n').slice(0, -1), Array.from({ length: 1000 }, (_, i) => `line ${i}`));
  t.is(dropped(), 0);
  t.notThrows(() => sink('too late\n', 'info'));
});

test('no more than so many lines are written in a second; how many were dropped is said in the next', async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'out');
  const clock = new TestClock();
  const { sink, close, dropped } = streamSink(openSync(path, 'w'), clock);
  const writeAll = (): void => {
    for (let i = 0; i < limits.logLinesPerSecond + 7; i++) sink('x\n', 'info');
  };
  writeAll();
  t.is(dropped(), 7);
  clock.advance(1_000);
  sink('y\n', 'info');
  await close();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  t.is(lines.length, limits.logLinesPerSecond + 2);
  t.regex(lines.at(-2)!, /\[WARNING\] the limit logLinesPerSecond is reached: 7 lines were dropped/);
  t.is(lines.at(-1), 'y');
});
