import test from 'ava';
import { limits } from '../../../core/limits.js';
import { Seen, signAnswer, signRequest, Verifier, type Request } from './signature.js';

const secret = 'of two sites, long enough';
const request: Request = { method: 'POST', path: '/peer/push_state', body: '{"id":"a"}' };
const now = Date.UTC(2026, 0, 1);
const accepted = { from: 'a' };

/** The judgement of site b, in one word where it refuses. */
function verifier(): (request: Request, header: string | undefined, wall: number) => unknown {
  const b = new Verifier('b', (site) => (site === 'a' ? secret : undefined), new Seen());
  return (...args) => {
    const verdict = b.judge(...args);
    return 'refusal' in verdict ? verdict.refusal : verdict;
  };
}


const signed = (change: Partial<{ secret: string; from: string; to: string; at: number }> = {}): string =>
  signRequest(change.secret ?? secret, request, change.from ?? 'a', change.to ?? 'b', change.at ?? now).header;

test('a signed request is accepted once', (t) => {
  const b = verifier();
  t.deepEqual(b(request, signed(), now), accepted);
  t.is(b(request, signed(), now + 1000), 'replayed');
  t.deepEqual(b(request, signed({ at: now + 1 }), now), accepted);
});

test('a request that was changed, or is not by the sender, or not for us, is refused', (t) => {
  const b = verifier();
  t.is(b(request, undefined, now), 'unsigned');
  t.is(b(request, 'Bearer x', now), 'malformed');
  t.is(b(request, signed({ secret: 'another one, of whoever' }), now), 'forged');
  t.is(b({ ...request, body: '{"id":"b"}' }, signed(), now), 'forged');
  t.is(b({ ...request, path: '/peer/pull_state' }, signed(), now), 'forged');
  t.is(b({ ...request, method: 'GET' }, signed(), now), 'forged');
  t.is(b(request, signed({ to: 'c' }), now), 'forged', 'one secret of all sites does not make it a message to all');
  t.is(b(request, signed({ from: 'c' }), now), 'unknown site');
  t.is(b(request, signed().replace(/time=\d+/, `time=${now + 5}`), now), 'forged');
  t.deepEqual(b(request, signed(), now), accepted, 'what was refused has not used up the true one');
});

test('clocks may differ by half a minute', (t) => {
  const b = verifier();
  for (const skew of [limits.haClockSkewMs, -limits.haClockSkewMs]) {
    t.deepEqual(b(request, signed({ at: now + skew }), now), accepted);
    t.is(b(request, signed({ at: now + skew + Math.sign(skew) }), now), 'stale');
  }
});

test('what is remembered against repetition is bounded, and forgotten when its time is over', (t) => {
  const b = verifier();
  for (let i = 0; i < limits.haMessagesRemembered; i++) t.deepEqual(b(request, signed({ at: now + i }), now), accepted);
  t.is(b(request, signed({ at: now - 1 }), now), 'replayed');
  const later = now + limits.haMessagesRemembered + limits.haClockSkewMs + 1;
  t.deepEqual(b(request, signed({ at: later }), later), accepted);
});

test('an answer belongs to one request', (t) => {
  const [one, other] = [signRequest(secret, request, 'a', 'b', now), signRequest(secret, request, 'a', 'b', now + 1)];
  const answer = signAnswer(secret, one.header, 200, '{}');
  t.true(one.isAnswer(answer, 200, '{}'));
  t.false(other.isAnswer(answer, 200, '{}'));
  t.false(one.isAnswer(answer, 200, '{"x":1}'));
  t.false(one.isAnswer(answer, 403, '{}'));
  t.false(one.isAnswer(undefined, 200, '{}'));
  t.false(one.isAnswer(signAnswer('another one, of whoever', one.header, 200, '{}'), 200, '{}'));
  t.false(one.isAnswer('mac=é', 200, '{}'));
});
