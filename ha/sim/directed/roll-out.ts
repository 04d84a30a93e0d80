/** Directed schedules: a changed configuration comes to the sites one after another. */
import type { Directed, Stage } from '../stage.js';

const alone = (stage: Stage): boolean => stage.sessions().length === 1 && stage.online() === stage.sessions();
const never = (stage: Stage) => (): boolean => stage.sessions().length <= 1;

export const rollOuts: readonly Directed[] = [
  {
    name: 'D55 another order, site by site', setting: { rollOut: 'order' }, play(stage) {
      for (const site of ['b', 'a', 'c']) {
        stage.rollOut(site, site === 'a');
        stage.throughout(`nothing moves when ${site} has it`, () => stage.sessions() === 'a', 20_000);
      }
      stage.is(stage.online(), 'a', 'all the time it was at');
      stage.crash('a');
      stage.until('the new order counts', () => stage.online() === 'c', 60_000);
    },
  },
  {
    name: 'D56 half-way through, the holder is lost', setting: { rollOut: 'order', sites: 4 }, play(stage) {
      stage.rollOut('d');
      stage.run(20_000);
      stage.crash('a');
      // By the old list it is b's turn, by the new one d's.
      stage.until('it is found again', () => stage.online() !== 'a' && stage.online() !== '', 60_000);
      stage.throughout('by one', () => alone(stage));
      stage.is(stage.online(), 'b', 'by name it is the turn of');
    },
  },
  {
    name: 'D57 a site joins before the others know it', setting: { rollOut: 'join' }, play(stage) {
      stage.rollOut('c');
      stage.throughout('who is not known takes nothing', () => alone(stage) && stage.online() === 'a', 60_000);
      stage.command('c', 'set_online');
      stage.throughout('not even when told to', () => alone(stage) && stage.online() === 'a', 30_000);
      stage.rollOut('b');
      stage.crash('a');
      stage.until('those that know each other go on', () => stage.online() === 'b', 90_000);
      stage.crash('b');
      stage.until('and who is known takes over', () => stage.online() === 'c', 120_000);
    },
  },
  {
    name: 'D58 a site is removed and has not left', setting: { rollOut: 'leave' }, play(stage) {
      stage.command('c', 'set_online');
      stage.until('it is where it should not be', () => alone(stage) && stage.online() === 'c', 60_000);
      stage.rollOut('a');
      stage.throughout('never two sessions', never(stage), 30_000);
      stage.is(stage.vpn('c')?.status, 'Replica', 'who is not known any more lets go');
      stage.rollOut('b');
      stage.throughout('and takes nothing', () => alone(stage) && stage.online() !== 'c', 60_000);
    },
  },
  {
    name: 'D59 a site is removed by all at once', setting: { rollOut: 'leave' }, play(stage) {
      stage.command('c', 'set_online');
      stage.until('it is where it should not be', () => alone(stage) && stage.online() === 'c', 60_000);
      stage.rollOut('a');
      stage.rollOut('b');
      const isStarted = (): boolean => ['a', 'b'].some((site) => stage.host(site).running?.work === 'start');
      stage.throughout('it is respected until it has let go', () => !stage.host('c').session || !isStarted(), 60_000);
      stage.is(['a', 'b'].includes(stage.online()), true, 'the others have it');
    },
  },
  {
    name: 'D60 half-way through, the holder\'s session is lost', setting: { rollOut: 'order', sites: 2 }, play(stage) {
      stage.rollOut('b');
      stage.run(20_000);
      stage.dead('a');
      stage.until('the other site takes over', () => stage.online() === 'b');
      stage.rollOut('a');
      stage.throughout('and keeps it', () => stage.online() === 'b' && stage.sessions() === 'b');
    },
  },
  {
    name: 'D61 half-way through, two have it', setting: { rollOut: 'order' }, play(stage) {
      stage.rollOut('c');
      const heal = stage.part('b', 'c');
      stage.crash('a');
      stage.until('each side has it', () => stage.online() === 'b c');
      stage.is(stage.vpn('b')?.epoch, stage.vpn('c')?.epoch, 'with equal right');
      heal();
      stage.until('the other yields', () => stage.online() === 'b');
      stage.throughout('and one goes on', () => alone(stage));
    },
  },
];
