import test from 'ava';
import fc from 'fast-check';
import { parseAddress } from '../../../core/address.js';
import { createTestSite, globalYaml } from '../../../testing/site.js';
import type { HaBlock } from '../../block.js';
import { configOf } from '../../timing.js';
import { plus } from './global.js';

/** The settings and the machine's configuration that files make. */
async function blockOf(t: Parameters<typeof createTestSite>[0], local: string, global?: string): Promise<HaBlock> {
  const site = await createTestSite(t, { local, ...(global !== undefined && { global }) });
  return (await site.host.check()).blocks[0] as HaBlock;
}

test('an address is its base plus a number, within its network', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 65_535 }), (last, number) => {
    const sum = plus(parseAddress(`10.1.2.${last}`)!, number);
    t.is(sum?.text, last + number > 255 ? undefined : `10.1.2.${last + number}`);
  }), { numRuns: 200 });
  t.is(plus(parseAddress('2001:db8::ffff')!, 1)!.text, '2001:db8::1:0');
  t.is(plus(parseAddress('255.255.255.255')!, 1), undefined);
});

test('what is not said has its default', async (t) => {
  const { settings } = await blockOf(t, '{}');
  t.like(settings, {
    replicaMode: 'Manual', failedStatusMs: 0, failureRetries: 2, onlineCheckDelayMs: 2000, checkIntervalMs: 10_000, checkTimeoutSeconds: 3, checkRetries: 1,
    defaultTimeoutMs: 30_000, pull: { intervalMs: 30_000, timeoutMs: 10_000, retries: 2 }, scripts: undefined, vpnDirectory: '',
  });
});

test('the machine counts in milliseconds, and in checks that fail', async (t) => {
  const pull = 'pull_interval: 0.5\npull_timeout: 0.2\npull_retries: 1\n';
  const block = await blockOf(t, `${pull}local_vpn_check_retries: 0\nlocal_vpn_check_timeout: 5\nfailure_retries: -1\n`);
  t.like(configOf(block).timing, { checkRetries: 1, checkTimeoutMs: 7000, failureRetries: Infinity, aliveMs: 900, settleMs: 400 });
  block.pull = { intervalMs: 5000 };
  t.is(configOf(block).timing.aliveMs, 5400);
});

test('sites that must agree have the same hash, whatever is theirs alone', async (t) => {
  const hash = async (local: string, global?: string): Promise<string> => configOf(await blockOf(t, local, global)).hash;
  const common = await hash('{}');
  t.is(await hash('replica_mode: Auto\n'), common);
  t.is(await hash('{}', globalYaml().replace('192.168.2.1', '192.168.2.9')), common);
  t.not(await hash('{}', globalYaml({ sites: 3 })), common);
  t.not(await hash('{}', globalYaml().replace('[host1, host2]', '[host2, host1]')), common);
});

test('a lease leaves time to let go of everything before it ends', async (t) => {
  const block = await blockOf(t, '{}');
  block.lease = { ttlMs: 10_000, stopBudgetMs: 4000 };
  t.like(configOf(block), { agree: 'lease', timing: { stopBudgetMs: 4000, routeTimeoutMs: 2000, stopTimeoutMs: 2000, startTimeoutMs: 30_000, renewMs: 2500 } });
});

test('a site is not ready until it knows how its peers are', async (t) => {
  const site = await createTestSite(t);
  await site.host.start();
  t.deepEqual(site.host.current!.unready(), [{ plugin: 'config', reason: 'the site learns how its sessions and its peers are' }]);
  await site.pass(31_000, 1000);
  t.deepEqual(site.host.current!.unready(), []);
});

test('a change of the files is a change of the configuration', async (t) => {
  const text = 'host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nscripted\nreload 2s 0\n}\n';
  const site = await createTestSite(t, { text });
  await site.host.start();
  await site.write('local.yml', 'replica_mode: Disabled\n');
  while (site.host.current!.generation === 1) await site.pass(2000, 2000);
  t.is(site.runner.state.replicaMode, 'Disabled');
});
