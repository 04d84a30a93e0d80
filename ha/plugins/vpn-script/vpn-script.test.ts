import test, { type ExecutionContext } from 'ava';
import { systemRuntime } from '../../../core/runtime.js';
import { createTestSite, type TestSite } from '../../../testing/site.js';

const names = ['check-pid.sh', 'vpn-check-online.sh', 'vpn-set-online.sh', 'vpn-set-offline.sh', 'add-vpn-route.sh', 'delete-vpn-route.sh'];

/** A site whose scripts tell their arguments. */
async function siteOf(t: ExecutionContext, directives = 'vpn-script scripts', env = systemRuntime().env): Promise<TestSite> {
  const local = 'local_vpn_dir: "/mnt/vpn of mine"\nlocal_vpn_check_timeout: 4\nscript_path: elsewhere\n';
  const text = `host1 {\nconfig global.yml local.yml {\nstate STATE\n}\n${directives}\nscripted\n}\n`;
  const site = await createTestSite(t, { local, text, runtime: { ...systemRuntime(), env } });
  for (const name of names) await site.script(`scripts/${name}`, 'printf "%s|" "${0##*/}" "$@"');
  return site;
}

test('each script gets the arguments that it always had', async (t) => {
  const work = await (await siteOf(t)).worker();
  const output = async (kind: Parameters<typeof work>[0]): Promise<string | undefined> => (await work(kind)).output;
  t.is(await output('probe'), 'check-pid.sh|dynvpn1|192.168.1.51|/mnt/vpn of mine|');
  t.is(await output('start'), 'vpn-set-online.sh|dynvpn1|192.168.1.51|/mnt/vpn of mine|host1|192.168.1.1|');
  t.is(await output('stop'), 'vpn-set-offline.sh|dynvpn1|192.168.1.51|/mnt/vpn of mine|');
  t.is(await output('check'), 'vpn-check-online.sh|192.168.1.51|4|dynvpn1|');
  t.is(await output('addRoute'), 'add-vpn-route.sh|10.0.0.51|192.168.1.1|');
  t.is(await output('removeRoute'), 'delete-vpn-route.sh|10.0.0.51|');
});

test('exit code 0 is success, any other a failure with its last words', async (t) => {
  const site = await siteOf(t);
  const work = await site.worker();
  t.true((await work('stop')).ok);
  await site.script('scripts/vpn-set-offline.sh', 'echo the tunnel is stuck >&2; exit 2');
  t.like(await work('stop'), { ok: false, reason: 'vpn-set-offline.sh ended with exit code 2: the tunnel is stuck' });
});

test('a script that is aborted is no longer sure of anything', async (t) => {
  const site = await siteOf(t);
  await site.script('scripts/check-pid.sh', 'echo begun > "$0.begun"; sleep 1000');
  const controller = new AbortController();
  const result = (await site.worker())('probe', { signal: controller.signal });
  while ((await site.read('scripts/check-pid.sh.begun').catch(() => '')) === '') await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(new Error('it took too long'));
  t.like(await result, { ok: false, unsure: true, reason: 'check-pid.sh was ended: it took too long' });
});

test('a failing delete-vpn-route.sh is believed, unless the table can be read and has no such route', async (t) => {
  const programs = await createTestSite(t);
  const site = await siteOf(t, 'vpn-script scripts', { PATH: programs.directory });
  await site.script('scripts/delete-vpn-route.sh', 'echo not in table >&2; exit 1');
  const work = await site.worker();
  const failure = { ok: false, reason: 'delete-vpn-route.sh ended with exit code 1: not in table' };
  t.like(await work('removeRoute'), failure, 'there is nothing to read the table with');
  const tell = (linux: string, freebsd: string): Promise<unknown> =>
    Promise.all([programs.script('ip', `echo '${linux}'`), programs.script('route', `echo '${freebsd}'`)]);
  await tell('', '');
  t.deepEqual(await work('removeRoute'), { ok: true });
  await tell('10.0.0.51 via 192.168.1.1 dev eth0', ' gateway: 192.168.1.1\n flags: <UP,GATEWAY,HOST,DONE,STATIC>');
  t.like(await work('removeRoute'), failure, 'it is still there');
});

test('the directory may come from the local file; what another directive does needs no script', async (t) => {
  const site = await siteOf(t, 'vpn-script\ncheck {\nping 192.0.2.1\n}');
  await t.throwsAsync(site.host.check(), { message: /elsewhere\/check-pid\.sh is missing/ });
  for (const name of names.filter((each) => each !== 'vpn-check-online.sh')) await site.script(`elsewhere/${name}`, 'exit 0');
  await t.notThrowsAsync(site.host.check());
});
