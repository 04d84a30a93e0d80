import test from 'ava';
import { limits } from '../../../core/limits.js';
import { signAnswer, signRequest, Verifier, type Request } from './signature.js';

const secret = 'of two sites, long enough';
const request: Request = { method: 'POST', path: '/peer/push_state', body: '{"id":"a"}' };
const now = Date.UTC(2026, 0, 1);
const verifier = (): Verifier => new Verifier('b', (site) => (site === 'a' ? secret : undefined));
const signed = (change: Partial<{ secret: string; from: string; to: string; at: number }> = {}): string =>
  signRequest(change.secret ?? secret, request, change.from ?? 'a', change.to ?? 'b', change.at ?? now).header;

test('a signed request is accepted once', (t) => {
  const b = verifier();
  t.is(b.refusalOf(request, signed(), 'a', now), undefined);
  t.is(b.refusalOf(request, signed(), 'a', now + 1000), 'replayed');
  t.is(b.refusalOf(request, signed({ at: now + 1 }), 'a', now), undefined);
});

test('a request that was changed, or is not by the sender, or not for us, is refused', (t) => {
  const b = verifier();
  t.is(b.refusalOf(request, undefined, 'a', now), 'unsigned');
  t.is(b.refusalOf(request, 'Bearer x', 'a', now), 'malformed');
  t.is(b.refusalOf(request, signed({ secret: 'another one, of whoever' }), 'a', now), 'forged');
  t.is(b.refusalOf({ ...request, body: '{"id":"b"}' }, signed(), 'a', now), 'forged');
  t.is(b.refusalOf({ ...request, path: '/peer/pull_state' }, signed(), 'a', now), 'forged');
  t.is(b.refusalOf({ ...request, method: 'GET' }, signed(), 'a', now), 'forged');
  t.is(b.refusalOf(request, signed({ to: 'c' }), 'a', now), 'forged', 'one secret of all sites does not make it a message to all');
  t.is(b.refusalOf(request, signed(), 'c', now), 'forged', 'a site signs only for itself');
  t.is(b.refusalOf(request, signed({ from: 'c' }), 'c', now), 'unknown site');
  t.is(b.refusalOf(request, signed().replace(/time=\d+/, `time=${now + 5}`), 'a', now), 'forged');
  t.is(b.refusalOf(request, signed(), 'a', now), undefined, 'what was refused has not used up the true one');
});

test('clocks may differ by half a minute', (t) => {
  const b = verifier();
  for (const skew of [limits.haClockSkewMs, -limits.haClockSkewMs]) {
    t.is(b.refusalOf(request, signed({ at: now + skew }), 'a', now), undefined);
    t.is(b.refusalOf(request, signed({ at: now + skew + Math.sign(skew) }), 'a', now), 'stale');
  }
});

test('what is remembered against repetition is bounded, and forgotten when its time is over', (t) => {
  const b = verifier();
  for (let i = 0; i < limits.haMessagesRemembered; i++) t.is(b.refusalOf(request, signed({ at: now + i }), 'a', now), undefined);
  t.is(b.refusalOf(request, signed({ at: now - 1 }), 'a', now), 'replayed');
  const later = now + limits.haMessagesRemembered + limits.haClockSkewMs + 1;
  t.is(b.refusalOf(request, signed({ at: later }), 'a', later), undefined);
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
