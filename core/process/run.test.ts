import test, { type ExecutionContext } from 'ava';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../limits.js';
import { systemRuntime } from '../runtime.js';
import { endLeftover, run, trimSessionOutput, type Command, type Result } from './run.js';

const { clock, env } = systemRuntime();

function directoryOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'run-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const sh = (script: string, more: Partial<Command> = {}, ...words: readonly string[]): Promise<Result> =>
  run({ argv: ['sh', '-c', script, 'script', ...words], env, clock, signal: new AbortController().signal, ...more });

/** Waits until something is so: processes take their own time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process is there and is no zombie (a test's container may have nobody who reaps orphans). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const pidIn = (file: string): number => Number(readFileSync(file, 'utf8'));
const isWritten = (file: string): boolean => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n');

test('nobody whom we start can speak to systemd in our name', async (t) => {
  t.like(await sh('echo "$NOTIFY_SOCKET|$KEPT"', { env: { ...env, NOTIFY_SOCKET: '/run/systemd/notify', KEPT: 'yes' } }), { output: '|yes\n' });
});

test('exit code 0 is success, and what was printed is kept', async (t) => {
  t.deepEqual(await sh('echo out; echo err >&2'), { ok: true, output: 'out\nerr\n' });
});

test('another exit code is a failure that tells the last line', async (t) => {
  const output = 'first\nno such tunnel\n';
  t.deepEqual(await sh('echo first; echo no such tunnel >&2; exit 3'), { ok: false, reason: 'sh ended with exit code 3: no such tunnel', output });
});

test('arguments arrive as they are: there is no shell in between', async (t) => {
  const words = ['a b', '$HOME', '"quoted"', '; exit 1', '*', ''];
  const { output } = await run({ argv: ['printf', '%s|', ...words], env, clock, signal: new AbortController().signal });
  t.is(output, `${words.join('|')}|`);
});

test('standard input is handed over, whether it is read or not', async (t) => {
  t.is((await sh('cat', { input: 'one\ntwo\n' })).output, 'one\ntwo\n');
  t.true((await sh('exec <&-; true', { input: 'x'.repeat(1024 * 1024) })).ok);
  t.is((await sh('cat')).output, '');
});

test('of a long output the end is kept', async (t) => {
  const { ok, output } = await sh('i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done');
  t.true(ok);
  t.is(output.length, limits.commandOutputBytes);
  t.true(output.endsWith('line 2999\n'));
});

test('a program that is not there, or not executable, is one clear line', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'script');
  const of = async (program: string): Promise<Result> => run({ argv: [program], env, clock, signal: new AbortController().signal });
  t.like(await of(file), { ok: false, unsure: true, reason: `can't run ${file}: there is no such program, or what its first line names is missing` });
  writeFileSync(file, '#!/bin/sh\n');
  t.like(await of(file), { ok: false, unsure: true, reason: `can't run ${file}: it is not executable` });
  writeFileSync(file, '#!/no/such/shell\n');
  chmodSync(file, 0o700);
  t.regex((await of(file)).reason!, /what its first line names is missing/);
});

test('an abort ends the command and all that it has started', async (t) => {
  const directory = directoryOf(t);
  const controller = new AbortController();
  const [child, grandchild] = [join(directory, 'child'), join(directory, 'grandchild')];
  const result = sh('echo $$ > "$1"; sh -c \'echo $$ > "$1"; sleep 1000\' x "$2" & wait', { signal: controller.signal }, child, grandchild);
  await until(() => isWritten(child) && isWritten(grandchild));
  controller.abort(new Error('it took too long'));
  t.deepEqual(await result, { ok: false, unsure: true, reason: 'sh was ended: it took too long', output: '' });
  await until(() => !isAlive(pidIn(child)) && !isAlive(pidIn(grandchild)));
  t.pass();
});

test('whoever ignores SIGTERM gets SIGKILL', async (t) => {
  const directory = directoryOf(t);
  const controller = new AbortController();
  const file = join(directory, 'pid');
  const result = sh('trap "" TERM; echo $$ > "$1"; while :; do sleep 1000; done', { signal: controller.signal }, file);
  await until(() => isWritten(file));
  controller.abort(new Error('it took too long'));
  t.false((await result).ok);
  await until(() => !isAlive(pidIn(file)));
  t.pass();
});

test('a command that was aborted before it began is not run', async (t) => {
  const file = join(directoryOf(t), 'ran');
  t.deepEqual(await sh('touch "$1"', { signal: AbortSignal.abort(new Error('it is no longer wanted')) }, file),
    { ok: false, unsure: true, reason: 'sh was not run: it is no longer wanted', output: '' });
  t.false(existsSync(file));
});

test('what a command leaves in the background is ended with it', async (t) => {
  const file = join(directoryOf(t), 'pid');
  t.like(await sh('sleep 1000 & echo $! > "$1"', {}, file), { ok: true });
  await until(() => !isAlive(pidIn(file)));
  t.pass();
});

test('a session stays, and can print for as long as it lives', async (t) => {
  const directory = directoryOf(t);
  const [file, output] = [join(directory, 'pid'), join(directory, 'output')];
  const script = '(echo up; while [ ! -e "$2" ]; do sleep 0.01; done; echo more; exec sleep 1000) & echo $! > "$1"';
  t.like(await sh(script, { sessionOutput: output }, file, join(directory, 'go')), { ok: true });
  t.teardown(() => process.kill(pidIn(file), 'SIGKILL'));
  await until(() => readFileSync(output, 'utf8') === 'up\n');
  writeFileSync(join(directory, 'go'), '');
  await until(() => readFileSync(output, 'utf8') === 'up\nmore\n');
  t.true(isAlive(pidIn(file)));
});

test('a session whose start fails does not stay', async (t) => {
  const directory = directoryOf(t);
  const [file, output] = [join(directory, 'pid'), join(directory, 'output')];
  const result = await sh('sleep 1000 & echo $! > "$1"; echo no tunnel; exit 1', { sessionOutput: output }, file);
  t.deepEqual(result, { ok: false, reason: 'sh ended with exit code 1: no tunnel', output: 'no tunnel\n' });
  await until(() => !isAlive(pidIn(file)));
});

test('the output of a session begins anew with every start, and when it has grown too long', async (t) => {
  const output = join(directoryOf(t), 'output');
  writeFileSync(output, 'of an earlier session');
  t.is((await sh('echo up', { sessionOutput: output })).output, 'up\n');
  writeFileSync(output, 'x'.repeat(limits.sessionOutputBytes));
  trimSessionOutput(output);
  t.is(readFileSync(output).length, limits.sessionOutputBytes);
  writeFileSync(output, 'x'.repeat(limits.sessionOutputBytes + 1));
  trimSessionOutput(output);
  t.is(readFileSync(output).length, 0);
  t.notThrows(() => trimSessionOutput(`${output}.gone`));
});

test('a file that can not be written keeps a session from being started', async (t) => {
  const result = await sh('exit 0', { sessionOutput: join(directoryOf(t), 'no', 'such', 'directory') });
  t.like(result, { ok: false, unsure: true });
  t.regex(result.reason!, /^can't write .*directory/);
});

test('as long as a command runs a record tells which it is, for whoever finds it left behind', async (t) => {
  const directory = directoryOf(t);
  const [record, pid] = [join(directory, 'record'), join(directory, 'pid')];
  const result = sh('echo $$ > "$1"; sleep 1000', { record }, pid);
  await until(() => isWritten(pid));
  const command = `sh -c echo $$ > "$1"; sleep 1000 script ${pid}`;
  t.is(readFileSync(record, 'utf8'), `${pidIn(pid)} ${command}\n`);
  const kept = readFileSync(record);
  t.is(await endLeftover(record, { env, clock, signal: new AbortController().signal }), command);
  t.like(await result, { ok: false, reason: 'sh was ended by SIGKILL' });
  t.false(existsSync(record));
  writeFileSync(record, kept);
  t.is(await endLeftover(record, { env, clock, signal: new AbortController().signal }), undefined, 'there is nothing left');
});

test('a record whose number is another process’s by now ends nothing', async (t) => {
  const record = join(directoryOf(t), 'record');
  writeFileSync(record, `${process.pid} /no/such/vpn-set-online.sh\n`);
  t.is(await endLeftover(record, { env, clock, signal: new AbortController().signal }), undefined);
  t.false(existsSync(record));
});
