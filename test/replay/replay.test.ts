/**
 * Every `*.scenario` file, replayed to a real server with a clock, chance and a network of its own (README.md tells the language).
 * `REWRITE=1 npm run replay` writes what happens into the files; look at the difference before you keep it.
 */
import test from 'ava';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../tidy/files.js';
import { parseScenario, renderScenario } from './scenario.js';
import { World } from './world.js';

const folder = join(repositoryRoot(), 'test/replay');
const rewrite = process.env['REWRITE'] === '1';

/** Plays a scenario; returns it with what happened in place of what should. */
async function play(file: string, text: string): Promise<string> {
  const scenario = parseScenario(file, text);
  const directory = mkdtempSync(join(tmpdir(), 'replay-'));
  const world = new World(file, directory);
  const outcomes: string[][] = [];
  try {
    for (const step of scenario.steps) outcomes.push(await world.do(step));
  } finally {
    await world.end();
    rmSync(directory, { recursive: true });
  }
  return renderScenario(scenario, outcomes);
}

/** Where two texts differ first, counted from 1. */
const firstDifference = (a: string, b: string): number => a.split('\n').findIndex((line, i) => line !== b.split('\n')[i]) + 1;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.scenario')).sort()) {
  test(file.slice(0, -'.scenario'.length), async (t) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const played = await play(file, text);
    if (rewrite) writeFileSync(path, played);
    else t.is(played, text, `test/replay/${file}:${firstDifference(played, text)}`);
    t.true(text.startsWith('# '), 'a scenario begins with what it shows');
  });
}

test('what is wrong with a scenario is told with file and line', async (t) => {
  const corefile = 'corefile\n    . {\n        forward . 192.0.2.53\n    }\n';
  const mistakes: Readonly<Record<string, string>> = {
    'ask 192.0.2.1 a A\n': 'x:1: no server runs yet; it begins with a corefile',
    '\ncorefile\n    . {\n        foward . 192.0.2.53\n    }\n': "x:4: there is no directive 'foward'; did you mean 'forward'?",
    '    a line\n': 'x:1: an indented line belongs to no step',
    '--> 192.0.2.53 a A\n': 'x:1: what happens stands right behind the step because of which it happens',
    [`${corefile}\nforget it\n`]: "x:6: 'forget' is none of corefile, file, reload, ask, reply, forge, down, up, wait",
    [`${corefile}ask 192.0.2.1 a\n`]: "x:5: 'ask' lacks a type",
    [`${corefile}ask 192.0.2.1 a B\n`]: "x:5: 'B' is no record type, such as A, AAAA or TYPE65",
    [`${corefile}ask 192.0.2.1 a A +fast\n`]: "x:5: '+fast' is none of +tcp, +edns, +do, +cd, +norec",
    [`${corefile}ask 192.0.2.1 a A now\n`]: "x:5: 'now' is one word too many",
    [`${corefile}ask me a A\n`]: "x:5: 'me' is no IP address",
    [`${corefile}reply 192.0.2.53 a A NOERROR\n`]: 'x:5: 192.0.2.53 has no unanswered query for a A; it has none',
    [`${corefile}ask 192.0.2.1 b A\nreply 192.0.2.53 a A NOERROR\n`]: 'x:6: 192.0.2.53 has no unanswered query for a A; it has b A',
    [`${corefile}ask 192.0.2.1 a A\nreply 192.0.2.53 a A NOERROR\n    a 300 A 1.2.3.4\n`]:
      "x:7: 'a 300 A 1.2.3.4' is no record; expected NAME. TTL IN TYPE DATA",
    [`${corefile}wait long\n`]: "x:5: 'long' is no duration, such as 500ms, 10s, 5m, 1h30m or 2d",
    [`${corefile}${corefile}`]: 'x:5: the server runs already; another Corefile comes with reload',
  };
  for (const [text, message] of Object.entries(mistakes)) t.is((await t.throwsAsync(play('x', text)))!.message, message);
});

test('a scenario that says too little, too much or something else is found out', async (t) => {
  const told = parseScenario('x', '# A\ncorefile\n    . {\n    }\nask 192.0.2.1 a A\n<-- 192.0.2.1 a A REFUSED\n# the end\n');
  t.deepEqual(told.steps.map(({ outcomes }) => outcomes), [[], ['<-- 192.0.2.1 a A REFUSED']]);
  const text = '# A\ncorefile\n    . {\n    }\nask 192.0.2.1 a A\n';
  t.is(await play('x', text), `${text}<-- 192.0.2.1 a A REFUSED\n`);
  t.is(await play('x', `${text}<-- 192.0.2.1 a A NOERROR\n--> 192.0.2.53 a A\n\n# the end\n`), `${text}<-- 192.0.2.1 a A REFUSED\n\n# the end\n`);
});
