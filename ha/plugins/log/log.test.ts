import test, { type ExecutionContext } from 'ava';
import { createTestSite } from '../../../testing/site.js';

/** The lines that a site's first half-minute brings. */
async function linesOf(t: ExecutionContext, directive: string): Promise<readonly string[]> {
  const text = `host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nscripted\n${directive}\n}\n`;
  const site = await createTestSite(t, { text });
  site.drivers.answers.set('addRoute', { ok: false, reason: 'no such gateway', output: 'first\n\nsecond\r\n' });
  await site.host.start();
  await site.pass(34_500);
  const lines = site.log.map((line) => line.replace('[INFO] ', '').replace(/\d+\.\d{3}s/, '0.100s'));
  return lines.filter((line) => /^dynvpn\d (?:probe|start|check|addRoute) /.test(line));
}

test('every piece of work has a line, with what its command printed', async (t) => {
  const [probe, start, check, route] = await linesOf(t, 'log');
  t.is(probe, 'dynvpn1 probe none 0.100s');
  t.is(start, 'dynvpn1 start ok 0.100s');
  t.is(check, 'dynvpn1 check ok 0.100s');
  t.is(route, 'dynvpn1 addRoute failed 0.100s: no such gateway\n    first\n    second');
});

test('a class chooses; a probe that finds nothing is no failure', async (t) => {
  t.deepEqual(new Set((await linesOf(t, 'log {\nclass failure\n}')).map((line) => line.split(' ')[1])), new Set(['addRoute']));
  t.deepEqual((await linesOf(t, 'log dynvpn1 {\nclass success\n}')).slice(0, 3).map((line) => line.split(' ')[1]), ['probe', 'start', 'check']);
});

test('a VPN that is not here is a mistake', async (t) => {
  await t.throwsAsync(linesOf(t, 'log dynvpn2'), { message: /Dynvpnfile:6:1: log: host1 has no VPN 'dynvpn2'/ });
});
