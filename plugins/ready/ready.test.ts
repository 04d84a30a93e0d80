import test from 'ava';
import { definePlugin } from '../../core/plugin.js';
import { createTestServer, LoopbackHttp } from '../../testing/index.js';

test('/ready says OK when every plugin is ready, and else why not', async (t) => {
  const http = new LoopbackHttp();
  let reason: string | undefined = 'the list is loading';
  const list = definePlugin({ name: 'list', setup: () => ({ unready: () => reason }) });
  const server = await createTestServer('. {\n ready\n list\n whoami\n}\nexample.org {\n list\n}', { plugins: [list], runtime: { sockets: http.sockets } });
  const look = () => http.call('127.0.0.1:8181', '/ready');
  const waiting = await look();
  t.deepEqual([waiting.status, waiting.text], [503, 'list: the list is loading\nlist: the list is loading\n']);
  reason = undefined;
  const { status, text } = await look();
  t.deepEqual([status, text], [200, 'OK']);
  await server.stop();
});
