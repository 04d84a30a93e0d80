import test from 'ava';
import { overlaps, parseChange, parseStamp, tenures } from './routes.js';

const change = (site: string, at: number, added: boolean) => ({ site, at, added });

test('a line of the kernel tells whose route came or went', (t) => {
  const read = (line: string) => parseChange(line, '10.0.254.51', '192.168.1.1');
  const at = parseStamp('2026-01-02T03:04:05.250000');
  t.is(at % 1, 0.25);
  t.deepEqual(read('[2026-01-02T03:04:05.250000] 10.0.254.51 via 192.168.1.1 dev eth0 metric 16777214 '), { at, added: true });
  t.deepEqual(read('[2026-01-02T03:04:05.250000] Deleted 10.0.254.51 via 192.168.1.1 dev eth0 metric 16777214 '), { at, added: false });
  t.is(read('[2026-01-02T03:04:05.250000] 10.0.254.51 via 100.64.0.1 dev to-lab-host2 proto bgp metric 20 '), undefined);
  t.is(read('[2026-01-02T03:04:05.250000] 10.0.254.52 via 192.168.1.1 dev eth0 '), undefined);
});

test('two routes of one site are one tenure, and one after the other is no overlap', (t) => {
  const found = tenures([change('a', 1, true), change('a', 2, true), change('a', 2.1, false), change('a', 3, false), change('b', 3.5, true)]);
  t.deepEqual(found, [{ site: 'a', from: 1, until: 3 }, { site: 'b', from: 3.5, until: Infinity }]);
  t.deepEqual(overlaps(found), []);
});

test('two sites at one time are told with how long it was', (t) => {
  t.deepEqual(overlaps(tenures([change('a', 0, true), change('b', 2, true), change('a', 2.25, false)])), ['a and b for 250 ms']);
});
