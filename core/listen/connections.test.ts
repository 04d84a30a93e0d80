import test from 'ava';
import { TestClock } from '../../testing/index.js';
import { limits } from '../limits.js';
import { createLogger } from '../log.js';
import { Metrics } from '../metrics.js';
import { Connections, type Connected } from './connections.js';

class Hall {
  readonly log: string[] = [];
  readonly metrics = new Metrics();
  readonly connections: Connections;

  constructor() {
    const clock = new TestClock();
    this.connections = new Connections({ clock, log: createLogger((line) => this.log.push(line), clock), metrics: this.metrics });
  }

  /** A connection of this client, if it is taken. */
  enter(peer: string, isResting = true): TestConnection | undefined {
    if (!this.connections.admits(peer)) return undefined;
    const connection = new TestConnection(peer, isResting);
    this.connections.add(connection);
    return connection;
  }

  /** Fills the hall with connections, each of a client of its own. */
  fill(isResting: boolean): TestConnection[] {
    return Array.from({ length: limits.tcpConnections - this.connections.size }, (_, i) => this.enter(`2001:db8::${i.toString(16)}`, isResting)!);
  }
}

class TestConnection implements Connected {
  isLinked = false;
  previous: Connected | undefined = undefined;
  next: Connected | undefined = undefined;
  isDestroyed = false;
  readonly peer: string;
  isResting: boolean;

  constructor(peer: string, isResting: boolean) {
    this.peer = peer;
    this.isResting = isResting;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

test('a client has a bounded number of connections, and gets a new one when one has left', (t) => {
  const hall = new Hall();
  const own = Array.from({ length: limits.tcpConnectionsPerClient }, () => hall.enter('192.0.2.1')!);
  t.is(hall.enter('192.0.2.1'), undefined);
  t.not(hall.enter('192.0.2.2'), undefined);
  t.true(own.every(({ isDestroyed }) => !isDestroyed), 'its own connections don’t go for each other');
  t.true(hall.connections.delete(own[0]!));
  t.false(hall.connections.delete(own[0]!));
  t.not(hall.enter('192.0.2.1'), undefined);
});

test('when there are too many in all, the one goes that has rested longest', (t) => {
  const hall = new Hall();
  const all = hall.fill(true);
  all[0]!.isResting = false;
  hall.connections.touch(all[1]!);
  t.not(hall.enter('192.0.2.1'), undefined);
  t.deepEqual(all.filter(({ isDestroyed }) => isDestroyed), [all[2]!], 'the first waits for an answer, the second has just asked');
  t.is(hall.connections.size, limits.tcpConnections);
});

test('when all of them wait for answers, none is taken', (t) => {
  const hall = new Hall();
  hall.fill(false);
  t.is(hall.enter('192.0.2.1'), undefined);
  t.is(hall.connections.size, limits.tcpConnections);
});

test('what is full is counted, and told', async (t) => {
  const hall = new Hall();
  hall.fill(true);
  for (let n = 0; n < limits.tcpConnectionsPerClient + 2; n++) hall.enter('192.0.2.1');
  const metrics = await hall.metrics.text('');
  t.regex(metrics, new RegExp(`^tcp_connections ${limits.tcpConnections}$`, 'm'));
  t.regex(metrics, new RegExp(`^limit_reached_total{limit="tcpConnections"} ${limits.tcpConnectionsPerClient}$`, 'm'));
  t.regex(metrics, /^limit_reached_total{limit="tcpConnectionsPerClient"} 2$/m);
  t.is(hall.log.length, 2);
});
