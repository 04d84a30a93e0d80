import test, { type ExecutionContext } from 'ava';
import { systemRuntime } from '../../../core/runtime.js';
import { createTestSite, type TestSite } from '../../../testing/site.js';

interface Table {
  readonly site: TestSite;
  readonly work: Awaited<ReturnType<TestSite['worker']>>;
  /** The command lines that were run since the last look, without those that only read. */
  readonly changes: () => Promise<readonly string[]>;
}

const textWith = (way: string): string => `host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nroute ${way}\nscripted\n}\n`;

/** A site with a program that keeps its routes in a file, and notes what it is told. */
async function tableOf(t: ExecutionContext, way: string, program: string, script: string): Promise<Table> {
  const directory = (await createTestSite(t)).directory;
  const runtime = systemRuntime();
  const env = { ...runtime.env, PATH: `${directory}/bin:${runtime.env['PATH'] ?? ''}`, DIR: directory };
  const site = await createTestSite(t, { directory, text: textWith(way), runtime: { ...runtime, env } });
  await site.write('table', '');
  await site.write('said', '');
  await site.script(`bin/${program}`, `echo "\${0##*/} $*" >> "$DIR/said"\ncd "$DIR"\n${script}`);
  const changes = async (): Promise<readonly string[]> => {
    const said = await site.read('said');
    await site.write('said', '');
    return said.trimEnd().split('\n').filter((line) => line !== '' && !/ (?:show|get) /.test(line));
  };
  return { site, work: await site.worker(), changes };
}

/** `ip`, as far as it is used here. */
const ip = `case "$3 $4" in
  "replace "*) echo "$4 via $6 dev eth0 metric $8 " | sed 's/\\/32//' >> table ;;
  "del "*) grep -v "via $6 dev eth0 metric $8 " table > rest; mv rest table ;;
  "show exact") cat table ;;
esac`;

test('iproute: a route is put in place with the token in its metric, and removed', async (t) => {
  const { work, changes, site } = await tableOf(t, 'iproute', 'ip', ip);
  t.deepEqual(await work('addRoute', { token: 3 }), { ok: true });
  t.deepEqual(await changes(), ['ip -4 route replace 10.0.0.51/32 via 192.168.1.1 metric 16777212 proto boot']);
  t.deepEqual(await work('removeRoute'), { ok: true });
  t.deepEqual(await changes(), ['ip -4 route del 10.0.0.51/32 via 192.168.1.1 metric 16777212 proto boot']);
  t.is(await site.read('table'), '');
});

test('iproute: what is there as it is wanted is left alone; what is left of an earlier token is removed', async (t) => {
  const { work, changes, site } = await tableOf(t, 'iproute', 'ip', ip);
  await work('addRoute', { token: 3 });
  await changes();
  t.deepEqual(await work('addRoute', { token: 3 }), { ok: true });
  t.deepEqual(await changes(), []);
  t.deepEqual(await work('addRoute', { token: 4 }), { ok: true });
  t.deepEqual((await changes()).map((line) => line.split(' ')[3]), ['replace', 'del']);
  t.is(await site.read('table'), '10.0.0.51 via 192.168.1.1 dev eth0 metric 16777211 \n');
});

test('iproute: to remove what is not there is no failure, whatever the command says', async (t) => {
  const { work, changes } = await tableOf(t, 'iproute', 'ip', ip);
  t.deepEqual(await work('removeRoute'), { ok: true });
  t.deepEqual(await changes(), []);
});

test('a route that somebody has flushed is missed', async (t) => {
  const { work, site } = await tableOf(t, 'iproute', 'ip', ip);
  await work('addRoute', { token: 3 });
  t.deepEqual(await work('seeRoute'), { ok: true });
  await site.write('table', '10.0.0.51 via 192.168.9.9 dev eth0 metric 7 \n');
  t.deepEqual(await work('seeRoute'), { ok: false, reason: 'its route to 10.0.0.51 is gone from the table' });
});

test('the table has the last word', async (t) => {
  const { work, site } = await tableOf(t, 'iproute', 'ip', '[ "$3" != show ] || cat table');
  t.deepEqual(await work('addRoute', { token: 1 }), { ok: false, reason: 'the route to 10.0.0.51 was added, but is not in the table' });
  await site.write('table', '10.0.0.51 via 192.168.1.1 dev eth0 \n');
  t.deepEqual(await work('removeRoute'), { ok: false, reason: 'the route to 10.0.0.51 is still in the table' });
});

test('a table that can not be read is no empty table', async (t) => {
  const { work } = await tableOf(t, 'iproute', 'ip', 'echo no permission >&2; exit 2');
  for (const kind of ['addRoute', 'removeRoute'] as const) {
    await t.throwsAsync(work(kind), { message: /^the routing table can't be read: ip ended with exit code 2: no permission$/ });
  }
});

/** FreeBSD's `route`; a line of the table is `gateway flags`. */
const route = `case "$2" in
  add) [ -s table ] && exit 17; echo "$5 UP,GATEWAY,HOST,DONE,STATIC" > table ;;
  delete) [ -s table ] || { echo 'not in table' >&2; exit 77; }; : > table ;;
  get) [ -s table ] || exit 1; read gateway flags < table; printf '   route to: 10.0.0.51\\n    gateway: %s\\n      flags: <%s>\\n' "$gateway" "$flags" ;;
esac`;

test('freebsd: a host route, and BGP’s own gives way', async (t) => {
  const { work, changes, site } = await tableOf(t, 'freebsd', 'route', route);
  t.deepEqual(await work('addRoute', { token: 3 }), { ok: true });
  t.deepEqual(await changes(), ['route -n delete -host 10.0.0.51', 'route -n add -host 10.0.0.51 192.168.1.1']);
  t.deepEqual(await work('addRoute', { token: 4 }), { ok: true });
  t.deepEqual(await changes(), []);
  t.deepEqual(await work('removeRoute'), { ok: true });
  t.deepEqual(await work('removeRoute'), { ok: true });
  await site.write('table', '192.168.9.9 UP,GATEWAY,HOST,DONE,PROTO1\n');
  t.deepEqual(await work('removeRoute'), { ok: true }, 'a route of BGP is not ours');
  t.deepEqual(await work('addRoute', { token: 5 }), { ok: true });
  t.is(await site.read('table'), '192.168.1.1 UP,GATEWAY,HOST,DONE,STATIC\n');
});

/** `vtysh`; the table is its configuration. */
const vtysh = `case "$2 $4" in
  "show running-config "*) printf 'frr version 8\\n'; cat table ;;
  "configure terminal no "*) grep -v "^\${4#no }" table > rest; mv rest table ;;
  "configure terminal "*) echo "$4" >> table ;;
esac`;

test('vtysh: a static route with the token in its tag', async (t) => {
  const { work, changes, site } = await tableOf(t, 'vtysh', 'vtysh', vtysh);
  t.deepEqual(await work('addRoute', { token: 3 }), { ok: true });
  t.deepEqual(await changes(), ['vtysh -c configure terminal -c ip route 10.0.0.51/32 192.168.1.1 tag 4']);
  await site.write('table', `ip route 10.0.0.5/32 192.168.1.1\n${await site.read('table')}ip route 10.0.0.51/32 192.168.1.9\n`);
  t.deepEqual(await work('removeRoute'), { ok: true });
  t.is(await site.read('table'), 'ip route 10.0.0.5/32 192.168.1.1\n');
});

test('script: the scripts of an earlier dynvpn', async (t) => {
  const site = await createTestSite(t, { text: textWith('script scripts'), runtime: systemRuntime() });
  for (const name of ['add', 'delete']) await site.script(`scripts/${name}-vpn-route.sh`, 'printf "%s|" "${0##*/}" "$@"');
  const work = await site.worker();
  t.is((await work('addRoute', { token: 3 })).output, 'add-vpn-route.sh|10.0.0.51|192.168.1.1|');
  t.is((await work('removeRoute')).output, 'delete-vpn-route.sh|10.0.0.51|');
});

test('a program that is not there is a mistake', async (t) => {
  const site = await createTestSite(t, { text: textWith('vtysh'), runtime: { env: { PATH: '/no/such' } } });
  await t.throwsAsync(site.host.check(), { message: /Dynvpnfile:5:7: route: vtysh is nowhere in PATH$/ });
});
