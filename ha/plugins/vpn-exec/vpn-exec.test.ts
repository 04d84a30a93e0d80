import test from 'ava';
import { systemRuntime } from '../../../core/runtime.js';
import { createTestSite } from '../../../testing/site.js';

const text = (lines: string): string => `host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nvpn-exec {\n${lines}\n}\nscripted\n}\n`;
const printing = 'printf "%s|"';

test('what is known of a VPN is filled in; a word stays one word', async (t) => {
  const words = '{vpn}-{number} {local} {anycast} {gateway} {site} {dir} {timeout} "a b" $HOME';
  const site = await createTestSite(t, {
    text: text(`probe true\noffline true\nonline ${printing} ${words}\ncheck ${printing} {token}`), local: 'local_vpn_dir: /mnt/vpn dir\n',
    runtime: systemRuntime(),
  });
  const work = await site.worker();
  t.is((await work('start')).output, 'dynvpn1-1|192.168.1.51|10.0.0.51|192.168.1.1|host1|/mnt/vpn dir|3|a b|$HOME|');
  t.is((await work('check', { token: 7 })).output, '7|');
});

test('a path counts from the Dynvpnfile', async (t) => {
  const site = await createTestSite(t, { text: text('probe ./bin/probe\noffline true\nonline true'), runtime: systemRuntime() });
  await site.script('bin/probe', 'echo "$0"; exit 1');
  t.like(await (await site.worker())('probe'), { ok: false, output: `${site.directory}/bin/probe\n` });
});

test('without a check of its own, another directive checks', async (t) => {
  const site = await createTestSite(t, { text: text('probe true\noffline true\nonline true'), runtime: systemRuntime() });
  site.drivers.sessions.add('dynvpn1');
  t.true((await (await site.worker())('check')).ok);
  t.deepEqual(site.drivers.orders, ['dynvpn1 check']);
});

test('what online leaves is the session; what the others leave is ended', async (t) => {
  const leaving = '"sleep 1000 & echo $! > $0"';
  const site = await createTestSite(t, { text: text(`probe sh -c ${leaving} ./probe\nonline sh -c ${leaving} {dir}\noffline true`), runtime: systemRuntime() });
  await site.write('local.yml', `local_vpn_dir: ${site.directory}/online\n`);
  const work = await site.worker();
  t.true((await work('start')).ok);
  const pid = Number(await site.read('online'));
  t.notThrows(() => process.kill(pid, 0));
  process.kill(pid, 'SIGKILL');
});
