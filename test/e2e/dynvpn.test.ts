/** What becomes of sessions when their daemon comes, goes, or is shot. */
import test, { type ExecutionContext } from 'ava';
import { until } from './process.js';
import { scripts, SiteFiles, startDynvpn } from './dynvpn.js';

const online = /dynvpn1: Pending → Online/;

/** A site that has brought its VPN online. */
async function onlineSite(t: ExecutionContext) {
  const files = new SiteFiles(t);
  const daemon = await startDynvpn(t, files);
  await daemon.prints(online);
  return { files, daemon, session: files.session };
}

test('a daemon brings its VPN online', async (t) => {
  const { files, session } = await onlineSite(t);
  t.truthy(session);
  t.is(files.read('198.51.100.1.route'), '192.0.2.1\n');
  t.is(files.read('state/host1-dynvpn1.log'), 'session of dynvpn1\n');
});

test('SIGTERM ends the daemon and leaves session and route; the next daemon takes them over', async (t) => {
  const { files, daemon, session } = await onlineSite(t);
  const stops = files.calls('vpn-set-offline.sh');
  daemon.signal('SIGTERM');
  t.is(await daemon.ended(), 0);
  t.is(files.session, session);
  t.true(files.has('198.51.100.1.route'));
  const next = await startDynvpn(t, files);
  await next.prints(online);
  t.is(files.session, session);
  t.is(files.calls('vpn-set-online.sh'), 1);
  t.is(files.calls('vpn-set-offline.sh'), stops);
});

test('a daemon that was killed finds its session again', async (t) => {
  const { files, daemon, session } = await onlineSite(t);
  daemon.signal('SIGKILL');
  await daemon.ended();
  const next = await startDynvpn(t, files);
  await next.prints(online);
  t.is(files.session, session);
  t.is(files.calls('vpn-set-online.sh'), 1);
});

test('a session that must not be there is taken down by the next daemon', async (t) => {
  const { files, daemon } = await onlineSite(t);
  daemon.signal('SIGKILL');
  await daemon.ended();
  files.write('state/host1.json', files.read('state/host1.json').replace('"auto"', '"offline"'));
  const next = await startDynvpn(t, files);
  await next.prints(/dynvpn1: Pending → Offline/);
  t.is(files.session, undefined);
  t.false(files.has('198.51.100.1.route'));
});

test('a session that dies is started anew, its route away meanwhile', async (t) => {
  const { files, daemon, session } = await onlineSite(t);
  process.kill(session!, 'SIGKILL');
  await daemon.prints(/Online → Pending: its connectivity is lost/);
  await daemon.prints(/Pending → Online[^]*Pending → Online/);
  t.truthy(files.session);
  t.not(files.session, session);
});

test('a stop that fails is told, and nothing is started meanwhile', async (t) => {
  const { files, daemon, session } = await onlineSite(t);
  files.script('vpn-set-offline.sh', 'exit 1');
  process.kill(session!, 'SIGKILL');
  await daemon.prints(/stuck: its session does not stop: vpn-set-offline\.sh ended with exit code 1/);
  t.is(files.calls('vpn-set-online.sh'), 1);
});

test('a script that outlives its daemon is ended by the next one, before anything is begun', async (t) => {
  const files = new SiteFiles(t);
  files.script('vpn-set-online.sh', 'trap "" HUP TERM; sh -c \'echo $$ > "$1"; sleep 1000\' x "$DIR/hanging"; sleep 1000');
  const daemon = await startDynvpn(t, files);
  await daemon.until(() => files.has('hanging') && files.read('hanging') !== '', 'its script runs');
  const pid = Number(files.read('hanging'));
  // The record of a command reaches the disk a moment after the command has begun.
  await new Promise((written) => setTimeout(written, 2000));
  daemon.signal('SIGKILL');
  await daemon.ended();
  t.true(isAlive(pid));
  files.script('vpn-set-online.sh', scripts['vpn-set-online.sh']!);
  const next = await startDynvpn(t, files);
  await next.prints(/ended what an earlier daemon had left running: .*vpn-set-online\.sh dynvpn1/);
  await until(() => !isAlive(pid), () => 'its child is gone');
  await next.prints(online);
});

test('a script that hangs is ended with all that it has started, and its daemon stops all the same', async (t) => {
  const files = new SiteFiles(t);
  files.script('vpn-set-online.sh', 'sh -c \'echo $$ > "$1"; sleep 1000\' x "$DIR/hanging" & wait');
  files.write('local.yml', files.read('local.yml').replace('"default_timeout":10', '"default_timeout":0.5'));
  const daemon = await startDynvpn(t, files);
  await daemon.prints(/dynvpn1 start: vpn-set-online\.sh was ended: it took too long/);
  const pid = Number(files.read('hanging'));
  await until(() => !isAlive(pid), () => 'its child is gone');
  daemon.signal('SIGTERM');
  t.is(await daemon.ended(), 0);
  const last = Number(files.read('hanging'));
  await until(() => !isAlive(last), () => 'the last one’s child is gone');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
