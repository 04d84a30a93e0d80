import test from 'ava';
import { parseAddress } from './address.js';
import { ClientSlots, slotCount } from './client-slots.js';
import { systemRandom, type Random } from './runtime.js';

const seeded = (seed: number): ClientSlots => new ClientSlots({ uint16: () => 0, below: () => seed } satisfies Random);
const slotOf = (slots: ClientSlots, text: string, prefix?: number): number => slots.of(parseAddress(text)!, prefix);

test('a client has its place, and a network has one for all its clients', (t) => {
  const slots = seeded(4711);
  t.is(slotOf(slots, '192.0.2.1'), slotOf(slots, '::ffff:192.0.2.1'));
  t.is(slotOf(slots, '192.0.2.1', 24), slotOf(slots, '192.0.2.254', 24));
  t.is(slotOf(slots, '192.0.2.129', 25), slotOf(slots, '192.0.2.254', 25));
  t.is(slotOf(slots, '2001:db8:1:200::1', 56), slotOf(slots, '2001:db8:1:2ff::1', 56));
  t.is(slotOf(slots, '192.0.2.1', 0), slotOf(slots, '8.8.8.8', 0));
  const places = new Set([
    slotOf(slots, '192.0.2.1'), slotOf(slots, '192.0.2.2'), slotOf(slots, '192.0.2.1', 24), slotOf(slots, '192.0.3.1', 24),
    slotOf(slots, '2001:db8:1:200::1', 56), slotOf(slots, '2001:db8:1:300::1', 56), slotOf(slots, '2001:db8:1:200::1'),
  ]);
  t.is(places.size, 7);
  t.not(slotOf(slots, '192.0.2.1', 25), slotOf(slots, '192.0.2.129', 25));
});

test('neighbours are spread over all places, by another plan with another seed', (t) => {
  const addresses = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  const slots = new ClientSlots(systemRandom());
  const used = new Set(addresses.map((text) => slotOf(slots, text)));
  // 20,000 of 65,536 places, drawn by chance, are about 17,200 different ones.
  t.true(used.size > 16_500, String(used.size));
  t.true([...used].every((slot) => slot >= 0 && slot < slotCount));
  t.notDeepEqual(addresses.slice(0, 9).map((text) => slotOf(seeded(1), text)), addresses.slice(0, 9).map((text) => slotOf(seeded(2), text)));
});
