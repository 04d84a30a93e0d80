/** Directed schedules: what administrators say, and configurations that differ. */
import type { Directed, Stage } from '../stage.js';

const onlineAt = (stage: Stage, site: string) => (): boolean => stage.online() === site;

export const operator: readonly Directed[] = [
  {
    name: 'D22 set_offline during a retry', setting: {}, play(stage) {
      stage.script('a', 'start', 'hang');
      stage.break({ kind: 'die', site: 0, vpn: 0 });
      stage.until('it is started again', () => stage.host('a').running?.work === 'start');
      stage.command('a', 'set_offline');
      stage.until('it goes Offline at once', () => stage.vpn('a')?.status === 'Offline', 10_000);
      stage.until('and another one takes it', onlineAt(stage, 'b'), 60_000);
      stage.crash('b');
      stage.crash('c');
      stage.throughout('nothing starts it here', () => stage.vpn('a')?.status === 'Offline' && !stage.host('a').session, 300_000);
    },
  },
  {
    name: 'D23 replica_mode changes during a failover', setting: {}, play(stage) {
      stage.crash('a');
      stage.run(5000);
      stage.world.command(stage.site('b'), { name: 'set_replica_mode', mode: 'Disabled' });
      stage.until('who is out of the game is passed over', onlineAt(stage, 'c'), 60_000);
      stage.is(stage.vpn('b')?.status, 'Offline', 'Disabled is never Replica');
      stage.world.command(stage.site('b'), { name: 'set_replica_mode', mode: 'Manual' });
      stage.run(10_000);
      stage.is(stage.vpn('b')?.status, 'Offline', 'Manual changes nothing by itself');
      stage.world.command(stage.site('b'), { name: 'set_replica_mode', mode: 'Auto' });
      stage.until('Auto does', () => stage.vpn('b')?.status === 'Replica', 5000);
    },
  },
  {
    name: 'D24 a site with another configuration',
    setting: { configure: (config) => (config.site === 'b' ? { ...config, hash: 'other', vpns: [{ id: 'v1', priority: ['b', 'c', 'a'] }] } : config) },
    play(stage) {
      stage.throughout('what another has is respected, whatever the configuration', () =>
        stage.sessions() === stage.online() && stage.online().length === 1);
      const first = stage.online();
      stage.crash(first);
      stage.until('who is ready takes over', () => stage.online() !== '' && stage.online() !== first, 90_000);
      stage.throughout('and then has it alone', () => stage.online().length === 1);
    },
  },
  {
    name: 'D25 an unknown site, an unknown VPN', setting: {}, play(stage) {
      stage.break({ kind: 'stranger', site: 0 }, { kind: 'stranger', site: 1 });
      stage.command('a', 'set_offline', 'v9');
      stage.command('b', 'set_online', 'v9');
      stage.quiet('change nothing');
    },
  },
  {
    name: 'D28 a peer that says nothing of a VPN', setting: {}, play(stage) {
      const { state } = stage.site('c');
      const { incarnation, seq, status, replicaMode, config: { hash } } = state!;
      stage.say('a', { site: 'c', incarnation, seq: seq + 1000, status, replicaMode, hash, sees: [], vpns: {}, sentAt: 1e12, heard: {}, others: [] });
      stage.quiet('harms nobody', 30_000);
      stage.is(stage.online(), 'a', 'the holder keeps it');
    },
  },
  {
    name: 'D40 set_online takes it from the holder', setting: {}, play(stage) {
      stage.command('c', 'set_online');
      stage.throughout('never two sessions', () => stage.sessions().length <= 1, 30_000);
      stage.is(stage.online(), 'c', 'it has changed hands');
      stage.is(stage.vpn('a')?.status, 'Replica', 'the former holder is ready');
    },
  },
  {
    name: 'D41 set_offline and set_replica outlive a restart', setting: {}, play(stage) {
      stage.command('a', 'set_offline');
      stage.until('another one takes it', onlineAt(stage, 'b'), 60_000);
      stage.crash('a')();
      stage.run(30_000);
      stage.crash('b');
      stage.crash('c');
      stage.throughout('Offline stays Offline', () => stage.vpn('a')?.status === 'Offline', 120_000);
      stage.command('a', 'set_replica');
      stage.until('until told otherwise', onlineAt(stage, 'a'), 60_000);
    },
  },
  {
    name: 'D42 shutdown', setting: {}, play(stage) {
      stage.world.command(stage.site('a'), { name: 'shutdown' });
      stage.until('everything goes down, then the daemon', () => stage.site('a').hasLeft, 15_000);
      stage.is(stage.sessions().includes('a'), false, 'nothing is left');
      stage.until('the next one takes over without waiting', onlineAt(stage, 'b'), 10_000);
    },
  },
  {
    name: 'D43 set_online while the site starts', setting: {}, play(stage) {
      stage.crash('c')();
      stage.command('c', 'set_online');
      stage.until('it is obeyed when the peers are known', onlineAt(stage, 'c'), 60_000);
      stage.throughout('without a fight', onlineAt(stage, 'c'));
    },
  },
  {
    name: 'D44 set_online while it goes down', setting: {}, play(stage) {
      const goOn = stage.script('a', 'stop', 'slow');
      stage.command('a', 'set_replica');
      stage.run(300);
      stage.command('a', 'set_online');
      goOn();
      stage.until('it comes back', onlineAt(stage, 'a'), 60_000);
    },
  },
  {
    name: 'D45 Manual: who was not told to be a replica takes nothing', setting: { replicaMode: 'Manual' }, play(stage) {
      stage.is([stage.online(), stage.vpn('b')?.status], ['a', 'Offline'], 'the first has it, the others rest');
      stage.command('c', 'set_online');
      stage.until('who is told has it', onlineAt(stage, 'c'), 60_000);
      stage.is([stage.vpn('a')?.status, stage.vpn('b')?.status], ['Replica', 'Offline'], 'and who yields is as good as any replica');
      stage.crash('c');
      stage.until('it takes it back', onlineAt(stage, 'a'), 60_000);
      stage.crash('a');
      stage.throughout('but who rests does not', () => stage.sessions() === '');
    },
  },
  {
    name: 'D54 Disabled: nothing happens by itself', setting: {}, play(stage) {
      stage.dead('a');
      stage.until('the first has failed', () => stage.vpn('a')?.status === 'Failed' && stage.online() === 'b');
      stage.command('c', 'set_replica');
      for (const site of ['a', 'c']) stage.world.command(stage.site(site), { name: 'set_replica_mode', mode: 'Disabled' });
      stage.run(1000);
      stage.is(stage.vpn('c')?.status, 'Offline', 'no replica any more');
      stage.run(30_000);
      stage.crash('b');
      stage.throughout('nobody takes it', () => stage.sessions() === '', 120_000);
    },
  },
];
