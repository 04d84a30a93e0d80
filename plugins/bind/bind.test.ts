import test from 'ava';
import { parseAddress, textOfEndpoint, type Address } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { readConfiguration } from '../../core/configuration.js';
import { createDnsHost } from '../../core/dns.js';
import { createLogger } from '../../core/log.js';
import { Metrics } from '../../core/metrics.js';
import type { AnyPlugin } from '../../core/plugin.js';
import { systemRuntime } from '../../core/runtime.js';
import { TestClock } from '../../testing/index.js';
import bind from './index.js';

const interfaces = (): ReadonlyMap<string, readonly Address[]> => new Map([
  ['lo', [parseAddress('127.0.0.1')!, parseAddress('::1')!]],
  ['eth0', [parseAddress('192.0.2.1')!, parseAddress('2001:db8::1')!]],
]);

/** The endpoints of each block of a Corefile, as texts. */
async function endpointsOf(text: string): Promise<string[][]> {
  const clock = new TestClock();
  const { host, server } = createDnsHost({
    name: 'vpndns', version: 'test', runtime: { ...systemRuntime(), clock, env: {} }, log: createLogger(() => undefined, clock), metrics: new Metrics(),
    defaultPort: 53, interfaces, read: () => readConfiguration([bind] as readonly AnyPlugin[], { file: 'Corefile', text, env: {} }),
  });
  const { blocks } = await host.check();
  server.close();
  return (blocks as readonly DnsBlock[]).map(({ endpoints }) => endpoints.map(textOfEndpoint));
}

test('a block without bind listens on every address of this host', async (t) => {
  t.deepEqual(await endpointsOf('. {\n}'), [['127.0.0.1:53', '[::1]:53', '192.0.2.1:53', '[2001:db8::1]:53']]);
});

test('bind names addresses and interfaces, each address once', async (t) => {
  t.deepEqual(await endpointsOf('. {\nbind eth0 127.0.0.1 192.0.2.1\n}'), [['192.0.2.1:53', '[2001:db8::1]:53', '127.0.0.1:53']]);
});

test('several lines add up, and each port of the block is listened on', async (t) => {
  t.deepEqual(await endpointsOf('a.example:5300, b.example:5301 {\nbind 127.0.0.1\nbind ::1\n}'),
    [['127.0.0.1:5300', '127.0.0.1:5301', '[::1]:5300', '[::1]:5301']]);
});

test('one zone on two addresses may belong to two blocks', async (t) => {
  t.deepEqual(await endpointsOf('. {\nbind lo\n}\n. {\nbind eth0\n}'), [['127.0.0.1:53', '[::1]:53'], ['192.0.2.1:53', '[2001:db8::1]:53']]);
});

test('one zone on one address may not, whichever way the address is named', async (t) => {
  await t.throwsAsync(endpointsOf('. {\nbind lo\n}\n. {\nbind 127.0.0.1\n}'), {
    message: "Corefile:4:1: '.' is served already, by the block at Corefile:1:1, on the same address",
  });
});

test('a word that is neither an address nor an interface is a mistake, told with its place', async (t) => {
  await t.throwsAsync(endpointsOf('. {\nbind lo eth1 wg9\n}'), {
    message: [
      "Corefile:2:9: bind: 'eth1' is neither an address nor an interface of this host (lo, eth0)",
      "Corefile:2:14: bind: 'wg9' is neither an address nor an interface of this host (lo, eth0)",
    ].join('\n'),
  });
});

test('bind needs a word', async (t) => {
  await t.throwsAsync(endpointsOf('. {\nbind\n}'), { message: /expected: bind ADDRESS\|INTERFACE…/ });
});
