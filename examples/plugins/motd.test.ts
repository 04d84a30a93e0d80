import test, { type ExecutionContext } from 'ava';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestServer, type TestServer } from 'vpncore/testing';
import motd from './motd.js';

/** The root of the repository, seen from dist/examples/plugins. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A server with this message; the plugin is handed in, as a test of one's own plugin does it. */
async function serverWith(t: ExecutionContext, message: string, properties = ''): Promise<{ readonly server: TestServer; readonly file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'motd-'));
  const file = join(directory, 'motd.txt');
  await writeFile(file, message);
  const server = await createTestServer(`. {\nmotd motd.example motd.txt ${properties}\n}`, { plugins: [motd], file: join(directory, 'Corefile') });
  t.teardown(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  return { server, file };
}

const textsOf = async (server: TestServer): Promise<string[]> =>
  (await server.ask('MOTD.example', 'TXT')).data.map((strings) => (strings as Buffer[]).map(String).join('|'));

test('each line of the file is a TXT record', async (t) => {
  const { server } = await serverWith(t, 'one line\r\n\nand another: é\n');
  t.deepEqual(await textsOf(server), ['one line', 'and another: é']);
  t.true((await server.ask('motd.example', 'TXT')).answers[0]!.startsWith('motd.example 60 TXT'));
});

test('a long line is several strings of one record', async (t) => {
  const { server } = await serverWith(t, 'x'.repeat(300));
  t.deepEqual(await textsOf(server), [`${'x'.repeat(255)}|${'x'.repeat(45)}`]);
});

test('other types get an empty answer', async (t) => {
  const { server } = await serverWith(t, 'hello');
  const answer = await server.ask('motd.example', 'A');
  t.like(answer, { rcode: 'NOERROR', answers: [], authoritative: true });
  t.is(answer.message.additionals!.length, 0);
});

test('the TTL is as told', async (t) => {
  const { server } = await serverWith(t, 'hello', '{\nttl 5m\n}');
  t.true((await server.ask('motd.example', 'TXT')).answers[0]!.startsWith('motd.example 300 TXT'));
});

test('its answers are counted', async (t) => {
  const { server } = await serverWith(t, 'hello');
  await server.ask('motd.example', 'TXT');
  await server.ask('motd.example', 'A');
  await server.ask('www.example', 'A');
  t.regex(await server.metrics.text('vpndns'), /^vpndns_motd_answers_total 2$/m);
});

test('a file that is not there, or too long, fails the start with one line', async (t) => {
  await t.throwsAsync(createTestServer('. {\nmotd motd.example gone.txt\n}', { plugins: [motd] }), { message: /^motd: cannot read .*gone\.txt: ENOENT/ });
  await t.throwsAsync(serverWith(t, 'x'.repeat(1001)), { message: /^motd: .*motd\.txt is longer than 1000 octets$/ });
});

test('the API reads the file anew; the old message stays when that fails', async (t) => {
  const { server, file } = await serverWith(t, 'hello');
  const call = () => server.call('POST', '/motd/reload');
  await writeFile(file, 'good bye');
  t.deepEqual(await call(), { message: 'read', data: { errors: [] }, failed: false });
  t.deepEqual(await textsOf(server), ['good bye']);
  await rm(file);
  t.like(await call(), { message: 'some could not be read', failed: true });
  t.deepEqual(await textsOf(server), ['good bye']);
});

test('explain tells what it would do, and for which names it has nothing to say', async (t) => {
  const { server, file } = await serverWith(t, 'hello');
  t.like((await server.explain('motd.example', 'TXT'))[0], { plugin: 'motd', decision: `answers for motd.example with 1 line(s) of ${file}`, final: true });
  t.deepEqual(await server.explain('www.example'), []);
});

test('the example Corefile loads it as a module of its own', async (t) => {
  const file = join(root, 'examples', 'motd.Corefile');
  const server = await createTestServer(await readFile(file, 'utf8'), { file });
  t.teardown(() => server.stop());
  t.deepEqual(await textsOf(server), ['Welcome to the office.', 'The printer on the second floor is out of paper.']);
  const names = server.host.current!.configuration.plugins.map(({ name }) => name);
  t.is(names.indexOf('motd'), names.indexOf('whoami') - 1);
});
