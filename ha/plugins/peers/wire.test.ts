import test from 'ava';
import fc from 'fast-check';
import { boot, messageOf, step, type Config, type State } from '../../machine/index.js';
import { decodePull, decodeState, encodePull, encodeState, MalformedMessage, messageOfPredecessor } from './wire.js';

const timing: Config['timing'] = {
  checkIntervalMs: 1000, checkTimeoutMs: 1000, checkRetries: 1, failureRetries: 1, onlineCheckDelayMs: 500, proveTimeoutMs: 5000, failedStatusMs: 0,
  aliveMs: 5000, settleMs: 3000, startTimeoutMs: 10_000, stopTimeoutMs: 5000, routeTimeoutMs: 1000, backoffMs: 10_000, backoffMaxMs: 600_000,
  stableMs: 600_000, stallMs: 2000, stopBudgetMs: 1500, renewMs: 1500,
};

function stateOf(site: string): State {
  const config: Config = {
    site, sites: ['a', 'b', 'c'], vpns: [{ id: 'dynvpn1', priority: ['a', 'b', 'c'] }, { id: 'dynvpn2', priority: ['b'] }], hash: 'x', agree: 'peers',
    partition: 'available', timing,
  };
  return boot(config, { now: 1000, incarnation: 7, replicaMode: 'Auto', saved: {} }).state;
}

/** What both sides of a call make of it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('what one machine says is what the other hears', (t) => {
  const a = stateOf('a');
  const b = step(stateOf('b'), { type: 'message', now: 2000, message: messageOf(a, 1500) }).state;
  for (const state of [a, b]) {
    t.deepEqual(plain(decodeState(encodeState(state, 2500)).message), plain(messageOf(state, 2500)));
    t.deepEqual(plain(decodePull(encodePull(state, 2500)).message), plain(messageOf(state, 2500)));
  }
});

test('a state has the shape that the predecessor reads', (t) => {
  const { dynvpn, ...rest } = JSON.parse(encodeState(stateOf('a'), 2000)) as Record<string, unknown>;
  t.is(typeof dynvpn, 'object');
  t.deepEqual(rest, {
    id: 'a', replica_mode: 'Auto',
    state: {
      a: { id: 'a', vpn: { dynvpn1: 'Pending', dynvpn2: 'Pending' } },
      // Those that have not spoken yet, as if they could not be reached.
      b: { id: 'b', vpn: { dynvpn1: 'Offline', dynvpn2: 'Offline' } }, c: { id: 'c', vpn: { dynvpn1: 'Offline' } },
    },
  });
});

test("a predecessor's state is understood as far as its statuses go", (t) => {
  const said = decodeState(JSON.stringify({ id: 'b', state: { b: { id: 'b', vpn: { dynvpn1: 'Online', dynvpn2: 'Replica' } }, a: { id: 'a', vpn: {} } } }));
  t.is(said.message, undefined);
  const a = stateOf('a');
  const { state } = step(a, { type: 'message', now: 2000, message: messageOfPredecessor(said, a, 5000, { incarnation: 7, sentAt: 1900, seq: 0 }) });
  const [peer] = state.peers;
  t.true(peer!.alive);
  t.like(peer!.report!.vpns['dynvpn1'], { status: 'Online', claim: true, epoch: 0 });
  t.like(peer!.report!.vpns['dynvpn2'], { status: 'Replica', claim: false, ready: true });
});

test('a pull without a message of its own is one of a predecessor', (t) => {
  t.deepEqual(decodePull('{"site_id": "b"}'), { site: 'b', message: undefined, statuses: undefined, replicaMode: 'Manual' });
});

const refused: readonly [string, (body: WireBody) => void][] = [
  ['a status that there is not', (body) => (body.dynvpn.vpns.dynvpn1.status = 'Great')],
  ['an epoch that is no number', (body) => (body.dynvpn.vpns.dynvpn1.epoch = '1')],
  ['a negative incarnation', (body) => (body.dynvpn.incarnation = -1)],
  ['a sequence beyond what numbers count', (body) => (body.dynvpn.seq = 2 ** 60)],
  ['a moment that is none', (body) => (body.dynvpn.sentAt = null)],
  ['a message of one site in the name of another', (body) => (body.dynvpn.site = 'c')],
  ['a claim that is neither', (body) => (body.dynvpn.vpns.dynvpn1.claim = 1)],
  ['a list that is none', (body) => (body.dynvpn.others = {})],
  ['too many sites', (body) => (body.dynvpn.others = Array.from({ length: 1000 }, () => (body.dynvpn.others as unknown[])[0]))],
  ['a site that is no name', (body) => (body.id = 'a\nb')],
];

interface WireBody {
  id: unknown;
  readonly dynvpn: {
    site: unknown; incarnation: unknown; seq: unknown; sentAt: unknown; others: unknown;
    readonly vpns: { readonly dynvpn1: { status: unknown; epoch: unknown; claim: unknown } };
  };
}

function wire(): WireBody {
  const a = stateOf('a');
  const { state } = step(stateOf('b'), { type: 'message', now: 2000, message: messageOf(a, 1500) });
  return JSON.parse(encodeState(state, 2500)) as WireBody;
}

for (const [what, spoil] of refused) {
  test(`refused: ${what}`, (t) => {
    const body = wire();
    spoil(body);
    t.throws(() => decodeState(JSON.stringify(body)), { instanceOf: MalformedMessage });
  });
}

test('names that objects inherit are names like others', (t) => {
  const body = wire();
  const text = JSON.stringify(body).replaceAll('"dynvpn1"', '"__proto__"').replaceAll('"dynvpn2"', '"constructor"');
  const { message } = decodeState(text);
  t.deepEqual(Object.keys(message!.vpns), ['__proto__', 'constructor']);
  t.is(message!.vpns['toString'], undefined);
  t.is(({} as Record<string, unknown>)['status'], undefined);
});

/** Anything at all, and anything that is nearly a message. */
const anything = fc.oneof(
  fc.string(),
  fc.json(),
  fc.record({
    path: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 6 }),
    value: fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', NaN, 1e999, -1, 'x'.repeat(500))),
  }).map(({ path, value }) => {
    const body: unknown = wire();
    let at = body as Record<string, unknown>;
    for (const [depth, turn] of path.entries()) {
      const keys = Object.keys(at);
      const key = keys[turn % Math.max(1, keys.length)] ?? 'x';
      const next = at[key];
      if (depth === path.length - 1 || typeof next !== 'object' || next === null) {
        at[key] = value;
        break;
      }
      at = next as Record<string, unknown>;
    }
    return JSON.stringify(body);
  }),
);

test('whatever comes is refused as malformed, or is a message that a machine can take', (t) => {
  const state = stateOf('a');
  fc.assert(fc.property(anything, (text) => {
    for (const decode of [decodeState, decodePull]) {
      try {
        const { message } = decode(text);
        if (message !== undefined) step(state, { type: 'message', now: 2000, message });
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
      }
    }
  }), { numRuns: 3000 });
  t.pass();
});
