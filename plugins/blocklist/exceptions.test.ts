import test, { type ExecutionContext } from 'ava';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress, parseCidr, type Address } from '../../core/address.js';
import { OperationalError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { nameFromText, textOfName } from '../../core/name.js';
import { alone } from '../../core/workers/index.js';
import { TestClock } from '../../testing/clock.js';
import { Exceptions, type NewException, type World } from './exceptions.js';

const client: Address = parseAddress('192.0.2.7')!;
const other: Address = parseAddress('198.51.100.1')!;
const exception = (name: string, parts: Partial<NewException> = {}): NewException => ({ name: nameFromText(name), subdomains: false, ...parts });

const worldOf = (clock = new TestClock()): World => ({ clock, workers: alone, tooMany: () => undefined });

function fileOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'exceptions-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'exceptions.json');
}

async function opened(path: string, clock = new TestClock()): Promise<Exceptions> {
  const exceptions = new Exceptions(path, worldOf(clock));
  await exceptions.load();
  return exceptions;
}

const allowed = (exceptions: Exceptions, name: string, address: Address | undefined = client): boolean => exceptions.allows(nameFromText(name), address);

test('an exception is for the name alone, or for what is below it too', async (t) => {
  const exceptions = new Exceptions(undefined, worldOf());
  t.false(allowed(exceptions, 'a.example'));
  t.is(await exceptions.add(exception('a.example')), 'added');
  t.is(await exceptions.add(exception('b.example', { subdomains: true })), 'added');
  t.true(allowed(exceptions, 'A.Example'));
  t.false(allowed(exceptions, 'x.a.example'));
  t.true(allowed(exceptions, 'b.example') && allowed(exceptions, 'x.y.b.example'));
  t.false(allowed(exceptions, 'xb.example'));
});

test('an exception may be for some clients only', async (t) => {
  const exceptions = new Exceptions(undefined, worldOf());
  await exceptions.add(exception('a.example', { client: parseCidr('192.0.2.0/24')! }));
  t.true(allowed(exceptions, 'a.example', client));
  t.false(allowed(exceptions, 'a.example', other));
  t.false(exceptions.allows(nameFromText('a.example'), undefined));
});

test('an exception ends when its time is over', async (t) => {
  const clock = new TestClock();
  const exceptions = new Exceptions(undefined, worldOf(clock));
  await exceptions.add(exception('a.example', { forMs: 1000 }));
  clock.advance(999);
  t.true(allowed(exceptions, 'a.example'));
  clock.advance(1);
  t.false(allowed(exceptions, 'a.example'));
  t.deepEqual(exceptions.list(), []);
  t.is(exceptions.size, 0);
  t.is(await exceptions.add(exception('a.example')), 'added');
});

test('the same exception is not added twice; one for other clients is another', async (t) => {
  const exceptions = new Exceptions(undefined, worldOf());
  t.is(await exceptions.add(exception('a.example')), 'added');
  t.is(await exceptions.add(exception('A.example', { reason: 'again' })), 'already exists');
  t.is(await exceptions.add(exception('a.example', { client: parseCidr('192.0.2.0/24')! })), 'added');
  t.is(await exceptions.add(exception('a.example', { subdomains: true })), 'added');
  t.is((await exceptions.delete(nameFromText('a.example'))).length, 3);
  t.deepEqual(await exceptions.delete(nameFromText('a.example')), []);
});

test('there is an end to their number', async (t) => {
  let told = 0;
  const exceptions = new Exceptions(undefined, { ...worldOf(), tooMany: () => void told++ });
  for (let i = 0; i < limits.listExceptions; i++) await exceptions.add(exception(`n${i}.example`));
  t.is(await exceptions.add(exception('one-more.example')), 'too many');
  t.is(told, 1);
  t.is((await exceptions.clear()).length, limits.listExceptions);
  t.is(await exceptions.add(exception('one-more.example')), 'added');
});

test('they survive a restart, with all that they say', async (t) => {
  const path = fileOf(t);
  const clock = new TestClock();
  const before = await opened(path, clock);
  await before.add(exception('a.example', { client: parseCidr('2001:db8::/32')!, forMs: 60_000, subdomains: true, reason: 'café "x"' }));
  await before.add(exception('b.example'));
  await before.add(exception('c.example'));
  await before.delete(nameFromText('c.example'));
  const after = await opened(path, clock);
  t.deepEqual(after.list(), before.list());
  t.true(allowed(after, 'x.a.example', parseAddress('2001:db8::1')));
  await after.clear();
  t.deepEqual((await opened(path, clock)).list(), []);
  t.deepEqual(readdirSync(join(path, '..')), ['exceptions.json']);
});

test('changes that come at once are all kept', async (t) => {
  const path = fileOf(t);
  const exceptions = await opened(path);
  await Promise.all(Array.from({ length: 20 }, (_, i) => exceptions.add(exception(`n${i}.example`))));
  t.is((await opened(path)).size, 20);
});

test('a file that cannot be understood is kept aside and reported, each time under a name of its own', async (t) => {
  const path = fileOf(t);
  const wrong = ['{"format":', '[]', 'null', '{"format":"vpndns exceptions 1","exceptions":[{"name":"a..b","subdomains":true,"since":"2026-01-01"}]}',
    '{"format":"vpndns exceptions 1","exceptions":[{"name":"a.example","subdomains":false,"since":"2026-01-01"},null]}'];
  for (const [i, content] of wrong.entries()) {
    writeFileSync(path, content);
    const exceptions = new Exceptions(path, worldOf());
    const aside = `${path}.corrupt${i === 0 ? '' : `.${i + 1}`}`;
    t.true((await exceptions.load())?.includes(aside));
    t.is(readFileSync(aside, 'utf8'), content);
    t.is(exceptions.size, 0);
    await exceptions.add(exception('a.example'));
  }
});

test('a change that cannot be written is in force, and the caller hears of it', async (t) => {
  const exceptions = await opened(join(fileOf(t), 'no', 'such', 'directory'));
  await t.throwsAsync(exceptions.add(exception('a.example')), { instanceOf: OperationalError, message: /in force, but could not be written/ });
  t.true(allowed(exceptions, 'a.example'));
  t.deepEqual(exceptions.list().map(({ name }) => textOfName(name)), ['a.example']);
  await exceptions.close();
});
