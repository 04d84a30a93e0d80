/** Directed schedules: leases, and what stands still. */
import { soonMs, type Directed, type Stage } from '../stage.js';
import { leaseMs, timing } from '../schedule.js';

const onlineAt = (stage: Stage, site: string) => (): boolean => stage.online() === site;
const lease = { agree: 'lease' } as const;

export const leases: readonly Directed[] = [
  {
    name: 'D10 the holder is stopped for two lease times', setting: lease, play(stage) {
      stage.is(stage.online(), 'a', 'the first of the list has it');
      const goOn = stage.pause('a');
      stage.until('its guard takes it down', () => stage.host('a').route === undefined && !stage.host('a').session, leaseMs);
      stage.until('another one takes over', () => stage.vpn('b')?.status === 'Online', 2 * leaseMs + 60_000);
      goOn();
      stage.until('and the first sees it', () => stage.vpn('a')?.status === 'Replica', 60_000);
      stage.throughout('the new one stays', onlineAt(stage, 'b'));
    },
  },
  {
    name: 'D11 the holder is suspended for ten minutes', setting: lease, play(stage) {
      const wake = stage.break({ kind: 'suspend', site: 0 });
      stage.until('another one takes over', () => stage.vpn('b')?.status === 'Online', 120_000);
      stage.run(600_000);
      stage.is(stage.host('a').route !== undefined && stage.host('a').route! < stage.host('b').route!, true, 'the frozen route has the lower token');
      wake();
      stage.until('the first lets go at once', () => stage.host('a').route === undefined, 5000);
      stage.throughout('the new one stays', () => stage.vpn('b')?.status === 'Online');
    },
  },
  {
    name: 'D12 the wall clock jumps', setting: lease, play(stage) {
      stage.break({ kind: 'wallJump', site: 0 });
      stage.until('forward: the lease counts as lost', () => stage.host('a').route === undefined, 10_000);
      stage.until('and another one takes it', onlineAt(stage, 'b'), 60_000);
      stage.break({ kind: 'wallJump', site: 2 });
      stage.quiet('who has nothing loses nothing');
    },
  },
  {
    name: 'D15 etcd is down longer than a lease', setting: lease, play(stage) {
      const back = stage.break({ kind: 'etcdDown' });
      stage.until('the holder lets go in time', () => stage.sessions() === '', leaseMs);
      stage.run(500);
      stage.is(stage.vpn('a')?.status, 'Replica', 'by itself, before its guard');
      stage.throughout('nobody starts without a lease', () => stage.sessions() === '', 300_000);
      back();
      stage.until('soon after it is back somebody has it', () => stage.online().length === 1, 60_000);
    },
  },
  {
    name: 'D16 requests are carried out and the answer is lost', setting: lease, play(stage) {
      stage.crash('a');
      const end = stage.break({ kind: 'etcdUnknown', chance: 1 });
      stage.run(120_000);
      stage.is(stage.sessions(), '', 'nobody starts on a guess');
      end();
      stage.until('somebody has it when answers come', () => stage.online().length === 1, 90_000);
    },
  },
  {
    name: 'D17 etcd restarts', setting: lease, play(stage) {
      stage.break({ kind: 'etcdRestart' });
      stage.quiet('nothing changes');
      const back = stage.break({ kind: 'etcdDown' });
      stage.run(6000);
      back();
      stage.quiet('nor when it is away for less than a lease');
    },
  },
  {
    name: 'D33 the daemon comes back within its lease', setting: lease, play(stage) {
      const host = stage.host('a');
      const comeBack = stage.crash('a', false);
      stage.run(3000);
      comeBack();
      stage.throughout('route and session stay', () => host.session && host.route !== undefined, 30_000);
      stage.is(stage.online(), 'a', 'and are adopted');
    },
  },
  {
    name: 'D34 the daemon dies and does not come back', setting: lease, play(stage) {
      stage.crash('a', false);
      stage.until('its guard takes it down', () => stage.sessions() === '', leaseMs);
      stage.until('another one takes over', onlineAt(stage, 'b'), leaseMs + 60_000);
    },
  },
  {
    name: 'D35 a holder that nobody can talk to keeps its lease', setting: lease, play(stage) {
      const heal = stage.part('a', 'bc');
      stage.throughout('the others ask in vain', () => stage.sessions() === 'a', 120_000);
      heal();
      stage.throughout('and stop asking', onlineAt(stage, 'a'));
      stage.until('ready again', () => stage.vpn('b')?.status === 'Replica' && stage.vpn('c')?.status === 'Replica', 60_000);
    },
  },
  {
    name: 'D50 a session is found, and etcd is away', setting: {
      ...lease,
      before: (stage) => {
        Object.assign(stage.host('c'), { session: true, loggedIn: true, route: 1 });
        stage.break({ kind: 'etcdDown' });
        stage.crash('a');
        stage.crash('b');
      },
    }, play(stage) {
      stage.is(stage.sessions(), '', 'without a lease it is not kept');
    },
  },
  {
    name: 'D51 the first site can\'t reach etcd', setting: { ...lease, before: (stage) => void stage.break({ kind: 'etcdCut', site: 0 }) }, play(stage) {
      stage.until('another one is let try', onlineAt(stage, 'b'), 60_000);
    },
  },
  {
    name: 'D52 many tries in an earlier turn', setting: lease, play(stage) {
      for (const site of ['a', 'b']) {
        for (const other of ['a', 'b', 'c']) if (other !== site) stage.command(other, 'set_offline');
        const mend = stage.dead(site);
        stage.command(site, 'set_online');
        stage.until('with nobody else, tries do not end', () => (stage.vpn(site)?.restarts ?? 0) > 2, 3 * soonMs);
        mend();
        stage.command(site, 'set_offline');
        stage.run(10_000);
      }
      stage.command('c', 'set_online');
      stage.command('a', 'set_replica');
      stage.command('b', 'set_replica');
      stage.run(2 * soonMs);
      stage.crash('c');
      stage.until('are not counted in the next', () => {
        stage.is(stage.vpn('b')?.status, 'Replica', 'nobody hands it round');
        return stage.online() === 'a';
      }, 60_000);
    },
  },
  {
    name: 'D36 the administrator takes a VPN from the holder of its lease', setting: lease, play(stage) {
      stage.command('c', 'set_online');
      stage.until('the lease is released, not waited out', () => stage.vpn('c')?.lease !== undefined, leaseMs / 4);
      stage.throughout('who takes it waits for as long as letting go may take', () => stage.sessions() === '', timing.stopBudgetMs - 500);
      stage.until('it changes hands', onlineAt(stage, 'c'), 30_000);
      stage.is(stage.vpn('a')?.status, 'Replica', 'the former holder is ready');
    },
  },
];
