/** Directed schedules: sites that go, and a network that misbehaves. */
import type { Directed, Stage } from '../stage.js';

const onlineAt = (stage: Stage, site: string, vpn = 'v1') => (): boolean => stage.online(vpn) === site;

export const network: readonly Directed[] = [
  {
    name: 'D01 clean failover', setting: {}, play(stage) {
      stage.is(stage.online(), 'a', 'the first of the list has it');
      const comeBack = stage.crash('a');
      stage.until('the next one takes over', onlineAt(stage, 'b'), 60_000);
      comeBack();
      stage.throughout('it does not go back by itself', onlineAt(stage, 'b'));
      stage.is(stage.vpn('a')?.status, 'Replica', 'the first is ready again');
    },
  },
  {
    name: 'D02 two neighbours down in a row', setting: {}, play(stage) {
      stage.crash('a');
      stage.until('the second takes over', onlineAt(stage, 'b'), 60_000);
      stage.crash('b');
      stage.until('the third takes over', onlineAt(stage, 'c'), 60_000);
    },
  },
  {
    name: 'D46 the next is the one after the lost one', setting: {}, play(stage) {
      stage.command('b', 'set_online');
      stage.until('the second has it', onlineAt(stage, 'b'), 60_000);
      stage.crash('b');
      stage.until('the third takes over, not the first', onlineAt(stage, 'c'), 60_000);
      stage.crash('c');
      stage.until('then the order begins again', onlineAt(stage, 'a'), 60_000);
    },
  },
  {
    name: 'D03 an idle replica dies while another site is Online', setting: {}, play(stage) {
      const comeBack = stage.crash('b');
      stage.throughout('nobody else starts', () => stage.online() === 'a' && stage.sessions() === 'a');
      comeBack();
      stage.throughout('nor when it comes back', () => stage.online() === 'a' && stage.sessions() === 'a');
    },
  },
  {
    name: 'D04 a split with two Online heals', setting: { sites: 4 }, play(stage) {
      const heal = stage.part('ab', 'cd');
      stage.until('both sides have it', onlineAt(stage, 'a c'), 60_000);
      heal();
      stage.until('one yields', onlineAt(stage, 'c'), 30_000);
      stage.throughout('the other serves on', () => stage.online().includes('c'), 30_000);
      stage.is(stage.vpn('a')?.status, 'Replica', 'the one that yielded is as good as any');
    },
  },
  {
    name: 'D05 one direction of a link is cut for ever', setting: {}, play(stage) {
      stage.cut('a', 'b');
      stage.quiet('with a third site in sight');
      stage.crash('a');
      stage.until('the next one takes over', onlineAt(stage, 'b'), 60_000);
    },
  },
  {
    name: 'D06 pushes are lost, pulls are answered', setting: {}, play(stage) {
      stage.break(...[[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]].map(([source, target]) => ({ kind: 'mute' as const, source: source!, target: target! })));
      stage.command('c', 'set_online');
      stage.until('the command is obeyed all the same', onlineAt(stage, 'c'), 60_000);
      stage.crash('c');
      stage.until('and so is the order', onlineAt(stage, 'a'), 60_000);
    },
  },
  {
    name: 'D07 a peer that accepts and never answers', setting: {}, play(stage) {
      const goOn = stage.pause('b');
      stage.command('c', 'set_online');
      stage.until('it holds nobody up', onlineAt(stage, 'c'), 60_000);
      goOn();
      stage.throughout('nor when it is back', onlineAt(stage, 'c'));
    },
  },
  {
    name: 'D13 all start at once, and the last one has an old session', setting: {
      before: (stage) => {
        Object.assign(stage.host('c'), { session: true, loggedIn: true, route: 1 });
      },
    }, play(stage) {
      stage.is(stage.online(), 'c', 'it keeps the session');
      stage.is(stage.sessions(), 'c', 'and nobody else has started one');
    },
  },
  {
    name: 'D14 a crash leaves the session up', setting: {}, play(stage) {
      const session = stage.host('a');
      const comeBack = stage.crash('a', false);
      stage.run(2000);
      comeBack();
      stage.throughout('the session serves on', () => session.session && session.route !== undefined, 5000);
      stage.until('and is adopted', onlineAt(stage, 'a'), 60_000);
      stage.is(session.isClean, false, 'without a stop');
      const comeBackLate = stage.crash('a', false);
      stage.until('when it stays away another one takes over', onlineAt(stage, 'b'), 60_000);
      comeBackLate();
      stage.throughout('it does not claim what another has', () => stage.vpn('a')!.epoch < stage.vpn('b')!.epoch, 10_000);
      stage.until('and the old session ends', () => stage.sessions() === 'b', 60_000);
      stage.is(stage.online(), 'b', 'the new one stays');
    },
  },
  {
    name: 'D18 a newer report overtakes an older one', setting: {}, play(stage) {
      stage.break({ kind: 'noise', source: 0, target: 1, loss: 0, duplicate: 0.5, delayMs: 8000 });
      stage.dead('a');
      stage.until('the next one takes over', onlineAt(stage, 'b'));
      stage.throughout('and keeps it', onlineAt(stage, 'b'));
    },
  },
  {
    name: 'D19 messages of an earlier life arrive', setting: {}, play(stage) {
      const release = stage.break({ kind: 'jam', source: 0, target: 1 });
      stage.run(8000);
      const comeBack = stage.crash('a');
      stage.until('the next one takes over', onlineAt(stage, 'b'), 60_000);
      comeBack();
      stage.run(30_000);
      release();
      stage.throughout('the dead says nothing', onlineAt(stage, 'b'));
    },
  },
  {
    name: 'D26 two of three do not see each other', setting: {}, play(stage) {
      stage.part('a', 'b');
      stage.quiet('the third tells them');
      stage.crash('a');
      stage.until('and tells when one is gone', onlineAt(stage, 'b'), 90_000);
    },
  },
  {
    name: 'D27 a slow observer accuses nobody', setting: {}, play(stage) {
      stage.break({ kind: 'slow', site: 1, lagMs: 3000 });
      stage.quiet('with a lag of three seconds');
      const goOn = stage.pause('c');
      stage.run(60_000);
      goOn();
      stage.quiet('and after a long pause');
    },
  },
  {
    name: 'D48 a site that speaks and does not hear', setting: { sites: 2 }, play(stage) {
      stage.cut('a', 'b');
      stage.until('the one that hears nothing takes over', onlineAt(stage, 'a b'), 60_000);
      stage.is(stage.site('a').state?.peers[0]?.alive, false, 'it is not alive, though it is heard');
      stage.quiet('and they do not flap');
    },
  },
  {
    name: 'D49 the stronger of two is on its way down', setting: { sites: 4 }, play(stage) {
      const heal = stage.part('ab', 'cd');
      stage.until('both sides have it', onlineAt(stage, 'a c'), 60_000);
      const mend = stage.script('c', 'stop', 'fail');
      stage.command('c', 'set_offline');
      stage.run(3000);
      heal();
      stage.throughout('the weaker one serves on', () => stage.online().includes('a'));
      mend();
      stage.until('and is the only one', onlineAt(stage, 'a'), 60_000);
    },
  },
  {
    name: 'D31 a chain of sites that see their neighbours only', setting: { sites: 5 }, play(stage) {
      stage.part('a', 'cde');
      stage.part('b', 'de');
      stage.part('c', 'e');
      stage.run(60_000);
      stage.is(stage.online(), 'a', 'they are one network');
      stage.crash('c');
      stage.until('until the chain breaks', onlineAt(stage, 'a d'), 90_000);
    },
  },
  {
    name: 'D32 the side without a majority holds back', setting: { sites: 3, partition: 'majority' }, play(stage) {
      const heal = stage.part('a', 'bc');
      stage.until('it lets go', onlineAt(stage, ''), 60_000);
      stage.until('the other side takes over', onlineAt(stage, 'b'), 60_000);
      heal();
      stage.throughout('and keeps it', onlineAt(stage, 'b'));
    },
  },
];
