import test from 'ava';
import { boot, step, type Command, type Config, type State } from '../../machine/index.js';
import { TestClock } from '../../../testing/index.js';
import { checkCommand, progressOf, Waiting } from './commands.js';

const config: Config = {
  site: 'a', sites: ['a', 'b'], vpns: [{ id: 'v', priority: ['b', 'a'] }, { id: 'w', priority: ['b'] }], hash: 'x', agree: 'peers', partition: 'available',
  timing: {
    checkIntervalMs: 1000, checkTimeoutMs: 1000, checkRetries: 1, failureRetries: 1, onlineCheckDelayMs: 500, proveTimeoutMs: 5000, failedStatusMs: 0,
    aliveMs: 5000, settleMs: 3000, startTimeoutMs: 10_000, stopTimeoutMs: 5000, routeTimeoutMs: 1000, backoffMs: 10_000, backoffMaxMs: 600_000,
    stableMs: 600_000, stallMs: 2000, stopBudgetMs: 1500, renewMs: 1500,
  },
};

const start = (): State => boot(config, { now: 0, incarnation: 1, replicaMode: 'Manual', saved: {} }).state;
const obey = (state: State, command: Command): State => step(state, { type: 'command', now: state.now + 1, command }).state;

test('a VPN that is not here, or not of this site, is refused', (t) => {
  t.throws(() => checkCommand(start(), 'set_offline', 'x'), { message: 'there is no VPN x at a; there is v, w' });
  t.throws(() => checkCommand(start(), 'set_online', 'w'), { message: 'a is not in the priority list of w' });
  t.notThrows(() => checkCommand(start(), 'set_offline', 'w'));
});

test('what the mode or the moment does not allow is refused', (t) => {
  t.throws(() => checkCommand(start(), 'restart', 'v'), { message: /v is not online here: Pending/ });
  t.throws(() => checkCommand(obey(start(), { name: 'set_replica_mode', mode: 'Disabled' }), 'set_replica', 'v'), { message: /replica_mode is Disabled/ });
  t.throws(() => checkCommand(obey(start(), { name: 'shutdown' }), 'set_online', 'v'), { message: 'a is being shut down' });
});

test('a command is under way until it is done, and has failed when another one came', (t) => {
  const online = obey(start(), { name: 'set_online', vpn: 'v' });
  t.is(progressOf(online, 'set_online', 'v'), 'under way');
  const offline = obey(online, { name: 'set_offline', vpn: 'v' });
  t.regex(JSON.stringify(progressOf(offline, 'set_online', 'v')), /another command came/);
  t.is(progressOf(offline, 'set_offline', 'v'), 'under way');
  t.deepEqual(progressOf(offline, 'set_offline', 'x'), { failed: 'x is gone from the configuration' });
});

test('waiting ends when it is so, or when its time is over', async (t) => {
  const clock = new TestClock();
  const waiting = new Waiting(clock);
  let isOver = false;
  const first = waiting.until(() => isOver, 1000);
  waiting.look();
  isOver = true;
  waiting.look();
  t.true(await first);
  const second = waiting.until(() => false, 1000);
  clock.advance(1000);
  t.false(await second);
  t.is(clock.pending, 0);
});
