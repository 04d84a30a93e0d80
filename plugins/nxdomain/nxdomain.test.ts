import test, { type ExecutionContext } from 'ava';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

async function worldWith(t: ExecutionContext, nxdomain: string, file = 'Corefile'): Promise<World> {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\n${nxdomain}\nscripted\n}`, { plugins: [upstream.plugin], file });
  t.teardown(() => server.stop());
  return { upstream, server };
}

/** A directory with a file of expressions in it; returns the path of a Corefile beside it. */
async function besideFile(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'nxdomain-'));
  await writeFile(join(directory, 'names.txt'), content);
  return join(directory, 'Corefile');
}

test('a name that matches does not exist, whatever the type, and is asked of nobody', async (t) => {
  const { upstream, server } = await worldWith(t, 'nxdomain "^wpad\\."');
  for (const type of ['A', 'AAAA', 'TXT', 'HTTPS']) {
    const { rcode, answers, error } = await server.ask('wpad.example.org', type, { edns: 1232 });
    t.deepEqual({ rcode, answers, code: error?.code }, { rcode: 'NXDOMAIN', answers: [], code: 15 });
  }
  t.is(upstream.asked.length, 0);
});

test('other names go on', async (t) => {
  const { upstream, server } = await worldWith(t, 'nxdomain "^wpad\\."');
  t.deepEqual((await server.ask('www.wpad.org')).data, ['192.0.2.1']);
  t.is(upstream.asked.length, 1);
});

test('an expression meets the name in lower case and without its final dot', async (t) => {
  const { server } = await worldWith(t, 'nxdomain "^x[A-C]\\.example\\.ORG$"');
  t.is((await server.ask('Xb.EXAMPLE.org')).rcode, 'NXDOMAIN');
  t.is((await server.ask('xd.example.org')).rcode, 'NOERROR');
});

test('expressions come from files too, with comments, blank lines and any line ends', async (t) => {
  const file = await besideFile('# a comment\r\n\r\n  \\.lan$  \r\n^wpad\\.\n');
  const { server } = await worldWith(t, 'nxdomain ^a\\. {\nfrom names.txt\n}', file);
  for (const name of ['a.example', 'printer.lan', 'wpad.example']) t.is((await server.ask(name)).rcode, 'NXDOMAIN', name);
  t.is((await server.ask('# a comment')).rcode, 'NOERROR');
});

test('every bad line of a file fails the start, by its number', async (t) => {
  const file = await besideFile('fine\n(\n(?=x)\n');
  await t.throwsAsync(worldWith(t, 'nxdomain { from names.txt }', file), { message: /names\.txt:2: .*no regular expression[^]*names\.txt:3: .*looks ahead/ });
});

test('a file that is not there fails the start', async (t) => {
  await t.throwsAsync(worldWith(t, 'nxdomain { from gone.txt }', await besideFile('')), { message: /nxdomain: cannot read .*gone\.txt/ });
});

test('a reload reads the files anew, and goes on with the old ones when they are bad', async (t) => {
  const file = await besideFile('^a\\.\n');
  const { server } = await worldWith(t, 'nxdomain { from names.txt }', file);
  await writeFile(join(file, '..', 'names.txt'), '^b\\.\n');
  t.deepEqual((await server.reload()).errors, []);
  t.is((await server.ask('a.example')).rcode, 'NOERROR');
  t.is((await server.ask('b.example')).rcode, 'NXDOMAIN');
  await writeFile(join(file, '..', 'names.txt'), '(\n');
  t.is((await server.reload()).errors.length, 1);
  t.is((await server.ask('b.example')).rcode, 'NXDOMAIN');
});

test('a mistake in the Corefile is told with its place', async (t) => {
  await t.throwsAsync(worldWith(t, 'nxdomain fine (?!x)'), { message: /Corefile:2:15: nxdomain: .*looks ahead/ });
});

test('explain names the expression and where it stands', async (t) => {
  const file = await besideFile('\n^b\\.\n');
  const { server } = await worldWith(t, 'nxdomain ^a\\. { from names.txt }', file);
  const decision = 'does not exist, by the expression ^a\\.';
  t.like((await server.explain('a.example'))[0], { plugin: 'nxdomain', decision, final: true, at: { file, line: 2 } });
  t.like((await server.explain('b.example'))[0], { at: { file: join(file, '..', 'names.txt'), line: 2 } });
  t.deepEqual((await server.explain('c.example')).filter(({ plugin }) => plugin === 'nxdomain'), []);
});
