/** Directed schedules: scripts and checks that do something else than they should. */
import { soonMs, type Directed, type Stage } from '../stage.js';

const onlineAt = (stage: Stage, site: string, vpn = 'v1') => (): boolean => stage.online(vpn) === site;

export const drivers: readonly Directed[] = [
  {
    name: 'D08 the stop script fails, then hangs', setting: {}, play(stage) {
      const mend = stage.script('a', 'stop', 'fail');
      stage.command('b', 'set_online');
      stage.throughout('nobody else starts', () => stage.sessions() === 'a', 90_000);
      stage.is(stage.vpn('a')?.stuck === undefined, false, 'it is stuck, and says so');
      mend();
      stage.until('mended, it lets go, and is free', () => stage.sessions() === '' || stage.online() !== '', 60_000);
      stage.until('somebody has it', () => stage.online().length === 1);
      const at = stage.online();
      const mendAgain = stage.script(at, 'stop', 'hang');
      stage.command(at, 'set_offline');
      stage.until('a script that hangs is a failure too', () => stage.vpn(at)?.stuck !== undefined, 30_000);
      mendAgain();
      stage.until('then it goes', () => stage.vpn(at)?.status === 'Offline', 60_000);
    },
  },
  {
    name: 'D09 the start script succeeds and there is nothing; a check lies', setting: {}, play(stage) {
      stage.script('b', 'start', 'nothing');
      stage.crash('a');
      stage.until('who proves nothing is passed over', onlineAt(stage, 'c'), 2 * soonMs);
      stage.is(stage.vpn('b')?.status, 'Failed', 'the second has failed');
      const tellTheTruth = stage.break({ kind: 'check', site: 2, vpn: 0, answer: 'lies' }, { kind: 'dead', site: 2, vpn: 0 });
      stage.throughout('a lie is believed', onlineAt(stage, 'c'));
      tellTheTruth();
      stage.dead('c');
      stage.until('the truth is not', () => stage.vpn('c')?.status !== 'Online', 60_000);
    },
  },
  {
    name: 'D20 all have failed once', setting: {}, play(stage) {
      const mend = ['a', 'b', 'c'].map((site) => stage.dead(site));
      stage.until('all fail', () => ['a', 'b', 'c'].every((site) => (stage.vpn(site)?.failures ?? 0) > 0), 2 * soonMs);
      stage.run(300_000);
      mend[1]!();
      stage.until('the one that is mended has it', onlineAt(stage, 'b'), 3 * soonMs);
    },
  },
  {
    name: 'D21 everything flaps for an hour', setting: {}, play(stage) {
      stage.break(...[0, 1, 2].map((site) => ({ kind: 'check' as const, site, vpn: 0, answer: 'flaps' as const })));
      stage.run(3_600_000);
      const { transitions } = stage.world.monitor;
      // A site has a try of about 20 seconds in each longest pause of 80, and a try costs up to four transitions.
      stage.is(transitions <= 250, true, `a bounded number of transitions (${transitions})`);
    },
  },
  {
    name: 'D29 the route does not come up', setting: {}, play(stage) {
      stage.script('b', 'addRoute', 'fail');
      stage.crash('a');
      stage.until('another one has it', () => {
        stage.is(stage.vpn('b')?.status === 'Online', false, 'nobody is Online without a route');
        return stage.online() === 'c';
      }, 2 * soonMs);
      stage.until('without a session left over', () => stage.sessions() === 'c', 60_000);
    },
  },
  {
    name: 'D30 a slow script of one VPN', setting: { vpns: 2, sites: 2 }, play(stage) {
      stage.script('b', 'start', 'hang', 'v1');
      stage.crash('a');
      stage.throughout('the other VPN serves on', onlineAt(stage, 'b', 'v2'), 120_000);
      stage.is(stage.vpn('b', 'v1')?.status, 'Pending', 'and the one is still tried');
    },
  },
  {
    name: 'D47 a driver does not say that it is done', setting: {}, play(stage) {
      const mend = stage.script('b', 'start', 'silent');
      stage.crash('a');
      stage.run(60_000);
      mend();
      stage.until('it is not waited for', () => stage.online().length === 1, 2 * soonMs);
    },
  },
  {
    name: 'D53 who failed comes after who did not', setting: {}, play(stage) {
      stage.dead('a');
      stage.until('the first has failed', () => stage.vpn('a')?.status === 'Failed' && stage.online() === 'b');
      stage.command('c', 'set_online');
      stage.until('the third has it', onlineAt(stage, 'c'), 30_000);
      stage.crash('c');
      stage.until('it is the turn of the second, though the first is ready', onlineAt(stage, 'b'), 30_000);
    },
  },
  {
    name: 'D37 somebody flushes the route', setting: {}, play(stage) {
      stage.break({ kind: 'flush', site: 0, vpn: 0 });
      stage.until('it is put back', () => stage.host('a').route !== undefined && stage.online() === 'a', 60_000);
    },
  },
  {
    name: 'D38 the route does not go away', setting: {}, play(stage) {
      const mend = stage.script('a', 'removeRoute', 'fail');
      stage.dead('a');
      stage.throughout('the session is not stopped under its route, and nobody is told that it is free', () => stage.sessions() === 'a', 90_000);
      mend();
      stage.until('mended, another one takes over', onlineAt(stage, 'b'));
    },
  },
  {
    name: 'D39 nobody else is ready', setting: { sites: 2 }, play(stage) {
      stage.command('b', 'set_offline');
      const mend = stage.dead('a');
      stage.throughout('tries do not end', () => stage.vpn('a')?.status !== 'Failed', 300_000);
      stage.until('another try', () => stage.vpn('a')?.phase !== 'claiming');
      stage.until('and its pause', () => stage.vpn('a')?.phase === 'claiming');
      stage.command('b', 'set_replica');
      stage.until('somebody else who is ready does not wait for its end', onlineAt(stage, 'b'), 20_000);
      stage.is(stage.vpn('a')?.status, 'Failed', 'then it has failed');
      mend();
      stage.until('and is ready again in time', () => stage.vpn('a')?.status === 'Replica', 2 * soonMs);
    },
  },
];
