import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';
import { readStaticFile } from './static.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

async function worldWith(t: ExecutionContext, directives: string, file = 'Corefile'): Promise<World> {
  const upstream = new ScriptedUpstream(({ type }) => (type === 'A' ? { answers: [{ data: '203.0.113.1' }] } : { rcode: 'NXDOMAIN' }));
  const server = await createTestServer(`. {\n${directives}\nscripted\n}`, { plugins: [upstream.plugin], file });
  t.teardown(() => server.stop());
  return { upstream, server };
}

/** A directory with files in it. */
async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'static-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

const recordsOf = (text: string): string[] =>
  readStaticFile('f', text).records.map(({ name, address, line }) => `${line} ${name.slice(1, -1)} ${address.text}`);

test('a name has the addresses that it was given, of both families', async (t) => {
  const { server } = await worldWith(t, 'static {\nrecord nas.example 192.0.2.10 2001:db8::10 192.0.2.11\n}');
  const a = await server.ask('NAS.example');
  t.deepEqual(a.answers, ['NAS.example 1 A 192.0.2.10', 'NAS.example 1 A 192.0.2.11']);
  t.true(a.authoritative);
  t.deepEqual((await server.ask('nas.example', 'AAAA')).answers, ['nas.example 1 AAAA 2001:db8::10']);
});

test('another type of a known name is an empty answer, and asked of nobody', async (t) => {
  const { upstream, server } = await worldWith(t, 'static {\nrecord nas.example 192.0.2.10\n}');
  for (const type of ['AAAA', 'TXT', 'HTTPS', 'ANY']) {
    const { rcode, answers } = await server.ask('nas.example', type);
    t.deepEqual({ rcode, answers }, { rcode: 'NOERROR', answers: [] }, type);
  }
  t.is(upstream.asked.length, 0);
});

test('a name stands for itself alone', async (t) => {
  const { upstream, server } = await worldWith(t, 'static {\nrecord nas.example 192.0.2.10\n}');
  for (const name of ['www.nas.example', 'example', 'xnas.example']) t.deepEqual((await server.ask(name)).data, ['203.0.113.1'], name);
  t.is(upstream.asked.length, 3);
});

test('every address answers for its names', async (t) => {
  const { server } = await worldWith(t, 'static {\nrecord nas.example 192.0.2.10 2001:db8::10\nrecord files.example 192.0.2.10\n}');
  t.deepEqual((await server.ask('10.2.0.192.in-addr.arpa', 'PTR')).data, ['nas.example', 'files.example']);
  const reverse = `0.1.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`;
  t.deepEqual((await server.ask(reverse, 'PTR')).data, ['nas.example']);
  t.deepEqual((await server.ask(reverse, 'A')).data, []);
});

test('with ptr off, reverse names are left to others', async (t) => {
  const { upstream, server } = await worldWith(t, 'static {\nptr off\nrecord nas.example 192.0.2.10\n}');
  t.is((await server.ask('10.2.0.192.in-addr.arpa', 'PTR')).rcode, 'NXDOMAIN');
  t.is(upstream.asked.length, 1);
});

test('a name may have a reverse name’s form', async (t) => {
  const { server } = await worldWith(t, 'static {\nrecord 10.2.0.192.in-addr.arpa 192.0.2.99\nrecord nas.example 192.0.2.10\n}');
  t.deepEqual((await server.ask('10.2.0.192.in-addr.arpa', 'A')).data, ['192.0.2.99']);
  t.deepEqual((await server.ask('10.2.0.192.in-addr.arpa', 'PTR')).data, ['nas.example']);
});

test('static names win over what else would answer', async (t) => {
  const { server } = await worldWith(t, 'whoami\nnxdomain .\nstatic { record nas.example 192.0.2.10 }');
  t.deepEqual((await server.ask('nas.example')).data, ['192.0.2.10']);
});

test('the TTL is as told', async (t) => {
  const { server } = await worldWith(t, 'static {\nttl 1m\nrecord nas.example 192.0.2.10\n}');
  t.deepEqual((await server.ask('nas.example')).answers, ['nas.example 60 A 192.0.2.10']);
  t.deepEqual((await server.ask('10.2.0.192.in-addr.arpa', 'PTR')).answers, ['10.2.0.192.in-addr.arpa 60 PTR nas.example']);
});

test('more addresses than fit are truncated over UDP and whole over TCP', async (t) => {
  const addresses = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`);
  const { server } = await worldWith(t, `static {\nrecord many.example ${addresses.join(' ')}\n}`);
  const udp = await server.ask('many.example', 'A', { edns: 1232 });
  t.deepEqual({ truncated: udp.truncated, answers: udp.answers }, { truncated: true, answers: [] });
  t.deepEqual((await server.ask('many.example', 'A', { transport: 'tcp' })).data, addresses);
});

test('a line of a file tells its order by its first word', (t) => {
  t.deepEqual(recordsOf('a.example 192.0.2.1 2001:DB8::1\n192.0.2.2 b.example C.example'), [
    '1 a\x07example 192.0.2.1', '1 a\x07example 2001:db8::1', '2 b\x07example 192.0.2.2', '2 c\x07example 192.0.2.2',
  ]);
});

test('comments, blank lines, tabs, a byte order mark, CRLF and final dots are fine', (t) => {
  const text = '\uFEFF# hosts\r\n\r\n\t192.0.2.1\ta.example.\t# the first\r\nb.example 192.0.2.2#x\n   \n';
  t.deepEqual(recordsOf(text), ['3 a\x07example 192.0.2.1', '4 b\x07example 192.0.2.2']);
});

test('a bad line gives its number and nothing else', (t) => {
  const { records, errors } = readStaticFile('names.txt', 'a.example\n192.0.2.1\na.example 192.0.2.1 nonsense\n192.0.2.1 a..example\nb.example 192.0.2.2\n');
  t.deepEqual(errors, [
    "names.txt:1: 'a.example' stands alone; expected NAME ADDRESS, or ADDRESS NAME",
    "names.txt:2: '192.0.2.1' stands alone; expected NAME ADDRESS, or ADDRESS NAME",
    "names.txt:3: 'nonsense' is no address", "names.txt:4: 'a..example' is no domain name",
  ]);
  t.is(records.length, 1);
});

test('whatever a file holds, each line is a record, an error or nothing', (t) => {
  const word = fc.oneof(fc.constantFrom('192.0.2.1', '::1', 'a.example', '#', '..', '"', '\\', '\\300', 'ä.example', '\0'), fc.string());
  fc.assert(fc.property(fc.array(fc.array(word, { maxLength: 4 }), { maxLength: 5 }), (lines) => {
    const { records, errors } = readStaticFile('f', lines.map((words) => words.join(' ')).join('\n'));
    t.true(records.every(({ line }) => line >= 1) && errors.every((error) => /^f:\d+: /.test(error)));
  }), { numRuns: 200 });
});

test('a bad line is reported and skipped; the rest loads', async (t) => {
  const directory = await directoryWith({ 'names.txt': `a.example 192.0.2.1\n${'oops\n'.repeat(12)}b.example 192.0.2.2\n` });
  const { server } = await worldWith(t, 'static names.txt', join(directory, 'Corefile'));
  t.deepEqual((await server.ask('b.example')).data, ['192.0.2.2']);
  const warnings = server.log.filter(({ level }) => level === 'warning').map(({ line }) => line);
  t.is(warnings.length, 11);
  t.regex(warnings[0]!, /static: skipped .*names\.txt:2: 'oops' stands alone/);
  t.regex(warnings[10]!, /static: skipped 2 more lines/);
});

test('a file that is not there fails the start', async (t) => {
  await t.throwsAsync(worldWith(t, 'static gone.txt', join(await directoryWith({}), 'Corefile')), { message: /^static: cannot read .*gone\.txt/ });
});

const reloadCall = (server: TestServer): Promise<unknown> => server.call('POST', '/static_records/reload');

test('the API reads the files anew, and says what came of it', async (t) => {
  const directory = await directoryWith({ 'names.txt': 'a.example 192.0.2.1\n' });
  const { server } = await worldWith(t, 'static names.txt\nstatic { record c.example 192.0.2.3 }', join(directory, 'Corefile'));
  await writeFile(join(directory, 'names.txt'), 'a.example 192.0.2.9\noops\nb.example 192.0.2.2\n');
  const error = [`${join(directory, 'names.txt')}:2: 'oops' stands alone; expected NAME ADDRESS, or ADDRESS NAME`];
  t.deepEqual(await reloadCall(server), { message: 'completed', data: { error, total: 4, successful: 3 } });
  t.deepEqual((await server.ask('a.example')).data, ['192.0.2.9']);
});

test('when a file can’t be read any more, the old records stay', async (t) => {
  const directory = await directoryWith({ 'names.txt': 'a.example 192.0.2.1\n' });
  const { server } = await worldWith(t, 'static names.txt', join(directory, 'Corefile'));
  await rm(join(directory, 'names.txt'));
  const { data } = (await reloadCall(server)) as { data: { error: string[]; total: number; successful: number } };
  t.like(data, { total: 1, successful: 0 });
  t.regex(data.error[0]!, /^cannot read .*names\.txt/);
  t.deepEqual((await server.ask('a.example')).data, ['192.0.2.1']);
});

test('explain names the line that answers', async (t) => {
  const directory = await directoryWith({ 'names.txt': '# x\na.example 192.0.2.1\n' });
  const { server } = await worldWith(t, 'static names.txt { record b.example 192.0.2.2 }', join(directory, 'Corefile'));
  const [fromFile] = await server.explain('a.example');
  t.is(fromFile?.decision, `answers, by ${join(directory, 'names.txt')}:2 (a.example 192.0.2.1)`);
  const place = `${join(directory, 'Corefile')}:2 (b.example 192.0.2.2)`;
  t.is((await server.explain('b.example', 'TXT'))[0]?.decision, `knows the name, but nothing of this type: an empty answer, by ${place}`);
  t.deepEqual((await server.explain('c.example')).filter(({ plugin }) => plugin === 'static'), []);
});
