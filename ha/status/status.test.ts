import test, { type ExecutionContext } from 'ava';
import { systemRuntime } from '../../core/runtime.js';
import { Web } from '../../testing/web.js';
import { eventsCommand, statusCommand, type Terminal } from './status.js';
import { coloured, duration, plain, statusTable, type DebugState } from './table.js';

const vpn = (id: string, more: Partial<DebugState['vpns'][number]>): DebugState['vpns'][number] => ({
  id, status: 'Replica', reason: 'host2 has it', seconds: 10, phase: 'down', want: 'auto', epoch: 1, priority: ['host1', 'host2'], failures: 0, pauseSeconds: 0,
  stuck: undefined, lease: undefined, onlineAt: [], ...more,
});

const seen: DebugState = {
  site: 'host1', status: 'Online', replicaMode: 'Auto', agree: 'peers', incarnation: 1, hash: 'x', upSeconds: 7380,
  vpns: [
    vpn('dynvpn10', {}), vpn('dynvpn2', { status: 'Online', reason: 'its session is proven', seconds: 3725 }),
    vpn('dynvpn3', { status: 'Pending', reason: 'an administrator said set_offline', stuck: 'its route does not go away' }),
  ],
  peers: [
    { site: 'host2', alive: true, status: 'Online', configuration: 'same', confirmedSecondsAgo: 1, vpns: { dynvpn2: 'Replica', dynvpn10: 'Online' } },
    { site: 'host3', alive: false, status: 'Offline', configuration: undefined, confirmedSecondsAgo: 90, vpns: { dynvpn2: 'Offline' } },
  ],
  state: { now: 100_000, vpns: [{ id: 'dynvpn10', heldSince: 40_000 }] },
};

test('the table has a line for each VPN and a column for each site', (t) => {
  t.deepEqual(statusTable(seen, plain), [
    'host1, up for 2h 3m; replica_mode Auto; agreed by peers',
    'host3 is not reached',
    '',
    'VPN       host1    host2           host3           ONLINE FOR  WHY',
    'dynvpn2   Online   Replica         Offline         1h 2m       its session is proven',
    'dynvpn3   stuck    not configured  not configured  -           an administrator said set_offline',
    'dynvpn10  Replica  Online          not configured  1m 0s       host2 has it',
  ]);
});

test('sites whose configurations differ are named', (t) => {
  const [one, other] = seen.peers;
  const peers = [{ ...one!, configuration: 'other' }, { ...other!, configuration: 'without us' }] as const;
  t.deepEqual(statusTable({ ...seen, peers }, plain).slice(1, 4), [
    'host2 has another configuration: turns are taken by name', 'host3 has a configuration without host1: nothing is online here', '',
  ]);
});

test('colours change nothing but the colour', (t) => {
  const bare = statusTable(seen, coloured).map((line) => line.replace(/\x1b\[\d+m/g, '').trimEnd());
  t.deepEqual(bare, statusTable(seen, plain));
});

test('durations are told in two units', (t) => {
  t.deepEqual([0, 59.9, 60, 3600, 90_061, -5].map(duration), ['0s', '59s', '1m 0s', '1h 0m', '1d 1h', '0s']);
});

class Screen implements Terminal {
  readonly runtime = systemRuntime();
  readonly isTty = false;
  readonly lines: string[] = [];
  readonly complaints: string[] = [];
  write = (line: string): void => void this.lines.push(line);
  complain = (line: string): void => void this.complaints.push(line);
}

async function daemon(t: ExecutionContext, answers: Readonly<Record<string, object>>): Promise<Web> {
  const web = await Web.start();
  t.teardown(() => web.stop());
  web.answer = (request, response) => {
    const answer = answers[request.url!];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer ?? { error: 'there is nothing' }));
  };
  return web;
}

test('status asks the daemon and shows the table', async (t) => {
  const web = await daemon(t, { '/debug_state': seen });
  const screen = new Screen();
  t.is(await statusCommand(['--url', web.url('')], screen), 0);
  t.deepEqual(screen.lines, statusTable(seen, plain));
});

test('events are shown a line each', async (t) => {
  const web = await daemon(t, { '/events?since=0': { events: [{ n: 1, time: '2026-01-01T00:00:00.000Z', level: 'warning', text: 'host3 is not alive' }] } });
  const screen = new Screen();
  t.is(await eventsCommand(['--url', web.url('')], screen), 0);
  t.deepEqual(screen.lines, ['2026-01-01T00:00:00.000Z warning host3 is not alive']);
});

test('what goes wrong is told, with an exit code', async (t) => {
  const web = await daemon(t, {});
  const screen = new Screen();
  t.is(await statusCommand(['--url', web.url('')], screen), 1);
  t.is(await statusCommand(['--url', 'ftp://x'], screen), 2);
  t.is(await statusCommand(['--follow'], screen), 2, 'a state can not be followed');
  t.is(await eventsCommand(['--url', 'http://127.0.0.1:1'], screen), 1);
  t.regex(screen.complaints[0]!, /there is nothing/);
});
