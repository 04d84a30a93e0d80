import test, { type ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../../core/runtime.js';
import type { Command, Plan, Step } from '../plan/step.js';
import { down, status, up } from './carry.js';
import { performer } from './world.js';

const runtime = systemRuntime();

/** A place in which steps make files, and what was told of them. */
function stage(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'carry-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const told: string[] = [];
  const world = { perform: performer(runtime), tell: (line: string) => told.push(...line.split('\n')), now: () => 0 };
  const path = (name: string): string => join(directory, name);
  /** A step that makes a file. */
  const file = (name: string, part = 'host', more: Partial<Step> = {}): Step => ({
    part, title: `${part}: ${name}`,
    test: [{ argv: ['test', '-e', path(name)] }], make: [{ argv: ['touch', path(name)] }], undo: [{ argv: ['rm', path(name)] }], ...more,
  });
  const plan = (...steps: readonly Step[]): Plan => ({ site: 'here', steps });
  /** What was told since the last time. */
  const heard = (): string[] => told.splice(0);
  return { directory, world, path, file, plan, heard, files: () => readdirSync(directory).sort() };
}

const going = new AbortController().signal;
const failing: Command = { argv: ['sh', '-c', 'echo first; echo no such thing >&2; exit 3'] };

test('up makes what is not there, in order, and says so', async (t) => {
  const { world, file, plan, heard, files } = stage(t);
  t.true(await up(plan(file('a'), file('b', 'box')), undefined, world, going));
  t.deepEqual(files(), ['a', 'b']);
  t.deepEqual(heard(), ['done     host: a', 'done     box: b', 'here is up: 2 done, 0 done already (0.00 s)']);
});

test('up for the second time changes nothing', async (t) => {
  const { world, file, plan, heard } = stage(t);
  const never: Command = { argv: ['false'] };
  await up(plan(file('a'), file('b')), undefined, world, going);
  heard();
  t.true(await up(plan(file('a', 'host', { make: [never] }), file('b', 'host', { make: [never] })), undefined, world, going));
  t.deepEqual(heard(), ['already  host: a', 'already  host: b', 'here is up: 0 done, 2 done already (0.00 s)']);
});

test('up mends what is missing', async (t) => {
  const { world, file, plan, heard, path } = stage(t);
  const whole = plan(file('a'), file('b'), file('c'));
  await up(whole, undefined, world, going);
  rmSync(path('b'));
  heard();
  t.true(await up(whole, undefined, world, going));
  t.deepEqual(heard().slice(0, 3), ['already  host: a', 'done     host: b', 'already  host: c']);
});

test('when a step fails, what was done is undone in reverse; what was there before stays', async (t) => {
  const { world, file, plan, heard, files, path } = stage(t);
  writeFileSync(path('before'), '');
  const half = file('b', 'host', { make: [{ argv: ['touch', path('b')] }, failing] });
  t.false(await up(plan(file('before'), file('a'), half, file('c')), undefined, world, going));
  t.deepEqual(files(), ['before']);
  t.deepEqual(heard(), [
    'already  host: before', 'done     host: a', 'failed   host: b',
    `         $ sh -c 'echo first; echo no such thing >&2; exit 3'`, '         sh ended with exit code 3: no such thing', '         first',
    'undone   host: b', 'undone   host: a', 'here is not up; what was done is undone (0.00 s)',
  ]);
});

test('a step that was made but is not done has failed', async (t) => {
  const { world, file, plan, heard, files } = stage(t);
  t.false(await up(plan(file('a'), file('b', 'host', { make: [] })), undefined, world, going));
  t.deepEqual(files(), []);
  t.true(heard().includes('failed   host: b'));
});

test('a command that clears the way may fail', async (t) => {
  const { world, file, plan, path } = stage(t);
  t.true(await up(plan(file('a', 'host', { make: [{ argv: ['rm', path('a')], mayFail: true }, { argv: ['touch', path('a')] }] })), undefined, world, going));
});

test('a command that prints something else than it should has failed', async (t) => {
  const { world, file, plan, heard } = stage(t);
  t.true(await up(plan(file('a', 'host', { test: [{ argv: ['echo', 'one two'], prints: 'two' }] })), undefined, world, going));
  t.false(await up(plan(file('a', 'host', { test: [{ argv: ['echo', 'one'], prints: 'two' }] })), undefined, world, going));
  t.true(heard().some((line) => line.includes("echo did not print 'two'")));
});

test('an interrupt undoes what was made, and is not heeded twice', async (t) => {
  const { world, file, plan, files } = stage(t);
  const controller = new AbortController();
  const perform: typeof world.perform = async (command, signal) => {
    const result = await world.perform(command, signal);
    if (command.argv[1]?.endsWith('/b') === true) controller.abort(new Error('SIGINT'));
    return result;
  };
  t.false(await up(plan(file('a'), file('b'), file('c')), undefined, { ...world, perform }, controller.signal));
  t.deepEqual(files(), []);
});

test('down undoes all in reverse; the second time there is nothing to undo', async (t) => {
  const { world, file, plan, heard, files } = stage(t);
  const whole = plan(file('a'), file('b'));
  await up(whole, undefined, world, going);
  heard();
  t.true(await down(whole, undefined, false, world));
  t.deepEqual(files(), []);
  t.deepEqual(heard(), ['undone   host: b', 'undone   host: a', 'here is down (0.00 s)']);
  t.true(await down(whole, undefined, false, world));
});

test('what can not be undone is told, and the rest is undone all the same', async (t) => {
  const { world, file, plan, heard, files } = stage(t);
  const whole = plan(file('a'), file('b', 'host', { undo: [failing] }), file('c'));
  await up(whole, undefined, world, going);
  heard();
  t.false(await down(whole, undefined, false, world));
  t.deepEqual(files(), ['b']);
  t.deepEqual(heard().filter((line) => !line.startsWith(' ')),
    ['undone   host: c', 'stuck    host: b', 'undone   host: a', 'here: 1 of 3 steps could not be undone (0.00 s)']);
});

test('what must outlive the rest goes with --purge alone', async (t) => {
  const { world, file, plan, files, path } = stage(t);
  const whole = plan(file('kept', 'host', { undo: [], purge: [{ argv: ['rm', '-f', path('kept')] }] }), file('a'));
  await up(whole, undefined, world, going);
  t.true(await down(whole, undefined, false, world));
  t.deepEqual(files(), ['kept']);
  t.true(await down(whole, undefined, true, world));
  t.deepEqual(files(), []);
});

test('a container comes up with the host below it, and goes down alone', async (t) => {
  const { world, file, plan, files } = stage(t);
  const whole = plan(file('a'), file('one', 'one'), file('two', 'two'));
  t.true(await up(whole, 'two', world, going));
  t.deepEqual(files(), ['a', 'two']);
  t.true(await down(whole, 'two', false, world));
  t.deepEqual(files(), ['a']);
});

test('status tells of each part what of it is there', async (t) => {
  const { world, file, plan, heard, path } = stage(t);
  const whole = plan(file('a'), file('b', 'box', { tell: { argv: ['echo', 'by hand'] } }), file('c', 'box'), file('d', 'other'));
  t.false(await status(whole, undefined, world));
  t.deepEqual(heard(), ['host   down    0 of 1 steps', 'box    down    0 of 2 steps', 'other  down    0 of 1 steps']);
  await up(whole, undefined, world, going);
  heard();
  t.true(await status(whole, undefined, world));
  t.deepEqual(heard(), ['host   up      1 of 1 steps', 'box    up      2 of 2 steps; by hand', 'other  up      1 of 1 steps']);
  rmSync(path('c'));
  t.false(await status(whole, 'box', world));
  t.deepEqual(heard(), ['box  partly  1 of 2 steps; by hand', '             not done: box: c']);
  t.false(existsSync(path('c')));
});

test('containers that are independent come up side by side, and when one fails all are undone', async (t) => {
  const { world, file, plan, heard, files, path } = stage(t);
  /** It is done as soon as the other has begun, or never. */
  const meets = (name: string, other: string): Step => file(name, name, {
    make: [
      { argv: ['touch', path(`${name}-here`)] },
      { argv: ['sh', '-c', 'until [ -e "$1" ]; do sleep 0.01; done; touch "$2"', 'sh', path(`${other}-here`), path(name)] },
    ],
    undo: [{ argv: ['rm', '-f', path(name), path(`${name}-here`)] }],
  });
  const whole: Plan = { ...plan(file('a'), meets('one', 'two'), meets('two', 'one')), sideBySide: true };
  t.true(await up(whole, undefined, world, going));
  t.true(await down(whole, undefined, false, world));
  t.deepEqual(files(), []);
  heard();
  const late = [file('four', 'four', { make: [failing] }), file('three', 'three', { make: [{ argv: ['sleep', '60'] }] })];
  t.false(await up({ ...whole, steps: [...whole.steps, ...late] }, undefined, world, going));
  t.deepEqual(files(), []);
  t.deepEqual(heard().filter((line) => line.startsWith('failed')), ['failed   four: four']);
});

test('an interrupt while a step is looked at undoes what was made, and not what was there before', async (t) => {
  const { world, file, plan, files, path } = stage(t);
  writeFileSync(path('b'), '');
  const controller = new AbortController();
  const perform: typeof world.perform = (command, signal) => {
    if (command.argv[1] === '-e' && command.argv[2] === path('b')) controller.abort(new Error('SIGINT'));
    return world.perform(command, signal);
  };
  t.false(await up(plan(file('a'), file('b'), file('c')), undefined, { ...world, perform }, controller.signal));
  t.deepEqual(files(), ['b']);
});
