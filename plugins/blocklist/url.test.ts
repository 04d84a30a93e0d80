import test, { type ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TestClock } from '../../testing/clock.js';
import { Web } from '../../testing/web.js';
import { copyPath, lookAt, refresh, type Keeping, type Refreshed } from './url.js';

const dayMs = 86_400_000;

async function webOf(t: ExecutionContext): Promise<Web> {
  const web = await Web.start();
  web.answer = (_request, response) => void response.end('a.example\n');
  t.teardown(() => web.stop());
  return web;
}

function keepingOf(t: ExecutionContext): Keeping & { readonly clock: TestClock; readonly end: AbortController } {
  const directory = join(mkdtempSync(join(tmpdir(), 'url-')), 'lists');
  t.teardown(() => rmSync(join(directory, '..'), { recursive: true, force: true }));
  const end = new AbortController();
  return { directory, clock: new TestClock(), signal: end.signal, end };
}

const fetched = (url: string, keeping: Keeping): Promise<Refreshed> => refresh({ url, everyMs: dayMs }, keeping);
const contentOf = ({ path }: Refreshed): string => readFileSync(path!, 'utf8');

test('a list is fetched to a file of its own', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  const result = await fetched(web.url(), keeping);
  t.deepEqual(result, { path: copyPath(keeping.directory, web.url()), changed: true, problem: undefined });
  t.is(contentOf(result), 'a.example\n');
  t.not(copyPath(keeping.directory, web.url('/other')), result.path);
  t.false(copyPath(keeping.directory, 'http://a.example/../../etc/passwd').includes('..'));
});

test('a copy is due when there is none, and when it is as old as it may get', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  const source = { url: web.url(), everyMs: dayMs };
  t.deepEqual(await lookAt(source, keeping), { there: false, due: true });
  await refresh(source, keeping);
  t.deepEqual(await lookAt(source, keeping), { there: true, due: false });
  keeping.clock.advance(dayMs);
  t.deepEqual(await lookAt(source, keeping), { there: true, due: true });
});

test('what has not changed is not sent again', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  const tags = { etag: '"1"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' };
  web.answer = (request, response) => {
    if (request.headers['if-none-match'] === tags.etag) response.writeHead(304).end();
    else response.writeHead(200, tags).end('a.example\n');
  };
  await fetched(web.url(), keeping);
  keeping.clock.advance(dayMs);
  for (let round = 0; round < 2; round++) {
    const result = await fetched(web.url(), keeping);
    t.false(result.changed);
    t.is(contentOf(result), 'a.example\n');
  }
  t.deepEqual(web.asked.map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']]),
    [[undefined, undefined], ['"1"', tags['last-modified']], ['"1"', tags['last-modified']]]);
  t.false((await lookAt({ url: web.url(), everyMs: dayMs }, keeping)).due);
  rmSync(copyPath(keeping.directory, web.url()));
  t.true((await fetched(web.url(), keeping)).changed);
});

test('what is unreachable keeps its last good copy; without one, the problem names the URL', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  const url = web.url();
  const good = await fetched(url, keeping);
  await web.stop();
  const result = await fetched(url, keeping);
  t.is(result.path, good.path);
  t.is(contentOf(result), 'a.example\n');
  t.true(result.problem?.includes(url) && result.problem.includes('ECONNREFUSED'), result.problem);
  t.is((await fetched(`${url}/other`, keeping)).path, undefined);
});

test('an error, a web page, nothing at all and half a list do not replace a good copy', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  await fetched(web.url(), keeping);
  const bad: readonly RequestListener[] = [
    (_request, response) => void response.writeHead(500).end('oops'),
    (_request, response) => void response.writeHead(304).end(),
    (_request, response) => void response.writeHead(204).end(),
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>log in first</html>'),
    (_request, response) => void response.end(),
    (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('b.example\n');
      setImmediate(() => response.destroy());
    },
  ];
  for (const [i, answer] of bad.entries()) {
    web.answer = answer;
    const result = await fetched(web.url(), keeping);
    t.is(result.changed, false);
    // 304 says that the copy is good, which it is.
    t.is(result.problem === undefined, i === 1, result.problem);
    t.is(contentOf(result), 'a.example\n');
  }
  t.is(readdirSync(keeping.directory).length, 2);
});

test('redirects are followed, but not for ever, and not to where less is safe', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  let to = '/end';
  web.answer = (request, response) => {
    if (request.url === '/end') response.end('b.example\n');
    else response.writeHead(302, { location: to }).end();
  };
  t.is(contentOf(await fetched(web.url(), keeping)), 'b.example\n');
  for (const [location, problem] of [['/list', /redirects more than/], ['file:///etc/passwd', /less safe/], ['http://[', /no URL/]] as const) {
    to = location;
    t.regex((await fetched(web.url(), keeping)).problem ?? '', problem);
  }
  t.is(contentOf(await fetched(web.url(), keeping)), 'b.example\n');
});

test('a list that comes compressed is kept as it is meant', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  web.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a.example\n'));
  t.is(contentOf(await fetched(web.url(), keeping)), 'a.example\n');
});

test('a server that takes too long, and an owner who gives up, end a download', async (t) => {
  const web = await webOf(t);
  const keeping = keepingOf(t);
  const begun = new Promise<void>((resolve) => {
    web.answer = (_request, response) => {
      response.write('a.example\n');
      resolve();
    };
  });
  const slow = fetched(web.url(), keeping);
  await begun;
  keeping.clock.advance(600_000);
  t.regex((await slow).problem ?? '', /took more than/);
  t.is(keeping.clock.pending, 0);
  const given = fetched(web.url(), keeping);
  keeping.end.abort();
  t.is((await given).path, undefined);
  t.false(existsSync(copyPath(keeping.directory, web.url())));
});
