import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../../core/runtime.js';
import { down, status, up } from '../run/carry.js';
import { performer } from '../run/world.js';
import { scriptOf } from './script.js';
import type { Plan, Step } from './step.js';

/** What a step of a trial is like. */
interface Kind {
  readonly part: string;
  readonly already: boolean;
  readonly fails: boolean;
  readonly kept: boolean;
  readonly stuck: boolean;
  readonly input: string;
}

/** `tool test|make|undo|purge NUMBER`: writes down how it was called and what it read, and keeps a file for each step that is done. */
const tool = `#!/bin/sh
printf '%s|' "$@" >>"$STAGE/log"
cat >>"$STAGE/log"
case $1 in
  test) [ -e "$STAGE/$2" ] && echo "$2 is done" ;;
  make) [ "$3" = no ] && : >"$STAGE/$2" ;;
  undo) [ "$3" = no ] && rm "$STAGE/$2" ;;
  purge) rm -f "$STAGE/$2" ;;
esac
`;

/** A directory with the tool in it. */
function stage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'script-'));
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'tool'), tool);
  chmodSync(join(directory, 'bin', 'tool'), 0o755);
  return directory;
}

/** The script, for whoever runs the test: its steps ask for no more than a directory. */
const scriptFor = (plan: Plan): string => scriptOf(plan, 'a trial\nof two lines').replace('"$(id -u)"', '0');

const stepOf = ({ part, fails, kept, stuck, input }: Kind, i: number): Step => {
  const name = `step ${i}`;
  return {
    part, title: `${part}: ${name}'s work`,
    test: [{ argv: ['tool', 'test', name], prints: 'is done' }],
    make: [{ argv: ['tool', 'undo', name, 'no'], mayFail: true }, { argv: ['tool', 'make', name, fails ? 'yes' : 'no'], input }],
    undo: [{ argv: ['tool', 'undo', name, stuck ? 'yes' : 'no'] }],
    ...(kept && { purge: [{ argv: ['tool', 'purge', name] }] }),
  };
};

const kinds = fc.array(fc.record({
  part: fc.constantFrom('host', 'box'), already: fc.boolean(), kept: fc.boolean(),
  fails: fc.constantFrom(false, false, false, true), stuck: fc.constantFrom(false, false, false, true),
  input: fc.array(fc.constantFrom('END', 'a $HOME `b`', "it's", '\\', '')).map((lines) => lines.map((line) => `${line}\n`).join('')),
}), { minLength: 1, maxLength: 5 });

type Verb = readonly ['up' | 'down' | 'status', ...string[]];

/** What comes of a plan, carried out by us or by the script: the calls, what is left, what is told of each step, and whether it went well. */
async function outcome(steps: readonly Kind[], verbs: readonly Verb[], by: (plan: Plan, verb: Verb, env: NodeJS.ProcessEnv) => Promise<[boolean, string[]]>) {
  const directory = stage();
  try {
    steps.forEach(({ already }, i) => already && writeFileSync(join(directory, `step ${i}`), ''));
    const plan: Plan = { site: 'here', steps: steps.map(stepOf) };
    const env = { ...process.env, STAGE: directory, PATH: `${join(directory, 'bin')}:${process.env['PATH']}` };
    const log = join(directory, 'log');
    const results: { verb: Verb; good: boolean; told: string[]; calls: string }[] = [];
    for (const verb of verbs) {
      writeFileSync(log, '');
      const [good, told] = await by(plan, verb, env);
      // In which order one looks does not matter: it changes nothing.
      results.push({ verb, good, ...(verb[0] === 'status' ? { told: [], calls: '' } : { told, calls: readFileSync(log, 'utf8') }) });
    }
    return { results, left: steps.map((_, i) => existsSync(join(directory, `step ${i}`))) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const aboutSteps = (lines: readonly string[]): string[] => lines.filter((line) => /^(?:done|already|failed|undone|stuck) /.test(line));

async function carriedOut(plan: Plan, [verb, ...words]: Verb, env: NodeJS.ProcessEnv): Promise<[boolean, string[]]> {
  const told: string[] = [];
  const world = { perform: performer({ ...systemRuntime(), env }), tell: (line: string) => told.push(line), now: () => 0 };
  const container = words.find((word) => word !== '--purge');
  const good = verb === 'up' ? await up(plan, container, world, new AbortController().signal)
    : verb === 'down' ? await down(plan, container, words.includes('--purge'), world) : await status(plan, container, world);
  return [good, aboutSteps(told)];
}

function asScript(plan: Plan, verb: Verb, env: NodeJS.ProcessEnv): Promise<[boolean, string[]]> {
  const { status: code, stdout } = spawnSync('sh', ['-c', scriptFor(plan), 'trial', ...verb], { env, encoding: 'utf8' });
  return Promise.resolve([code === 0, aboutSteps(stdout.split('\n'))]);
}

test('a script does what vpnjail does: the same commands in the same order, with the same end', async (t) => {
  const verbs = fc.constantFrom<Verb[]>(
    [['up'], ['down']], [['up'], ['up'], ['status']], [['up', 'box'], ['down', 'box'], ['status', 'box']], [['up'], ['down', '--purge']], [['down']],
  );
  await fc.assert(fc.asyncProperty(kinds, verbs, async (steps, list) => {
    t.deepEqual(await outcome(steps, list, asScript), await outcome(steps, list, carriedOut));
  }), { numRuns: 12 });
});

const run = (t: ExecutionContext, plan: Plan, words: readonly string[]) => {
  const directory = stage();
  t.teardown(() => rmSync(directory, { recursive: true }));
  return spawnSync('sh', ['-c', scriptFor(plan), 'trial', ...words], {
    encoding: 'utf8', env: { STAGE: directory, PATH: `${join(directory, 'bin')}:/usr/bin:/bin` },
  });
};

const kind: Kind = { part: 'host', already: false, fails: false, kept: false, stuck: false, input: 'x\n' };

test('a script says what is missing before it changes anything', (t) => {
  const plan = { site: 'here', steps: [{ ...stepOf(kind, 0), needs: ['no-such-program'] }] };
  const { status: code, stdout, stderr } = run(t, plan, ['up']);
  t.deepEqual([code, stdout, stderr], [1, '', 'missing: no-such-program\n']);
});

test('a script that is not told what to do tells what it can', (t) => {
  const { status: code, stderr } = run(t, { site: 'here', steps: [stepOf(kind, 0)] }, []);
  t.is(code, 2);
  t.regex(stderr, /usage: trial up\|down\|status \[CONTAINER\] \[--purge\]/);
});
