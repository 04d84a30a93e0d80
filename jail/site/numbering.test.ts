import test from 'ava';
import fc from 'fast-check';
import { parseCidr } from '../../core/address.js';
import { hasLinksFor, linkOffsets, nth, pairNumber, sizeOf } from './numbering.js';

const network = (text: string) => parseCidr(text)!;

test('an address has a number in its network, or lies outside', (t) => {
  t.is(nth(network('192.168.1.0/24'), 51)?.text, '192.168.1.51');
  t.is(nth(network('100.64.0.0/16'), 0x8001)?.text, '100.64.128.1');
  t.is(nth(network('192.168.1.128/25'), 127)?.text, '192.168.1.255');
  t.is(nth(network('192.168.1.128/25'), 128), undefined);
  t.is(nth(network('192.168.1.0/24'), -1), undefined);
  t.is(nth(network('255.255.255.0/24'), 255)?.text, '255.255.255.255');
});

test('pairs of sites are numbered without gaps, in the order in which sites are added', (t) => {
  t.deepEqual([[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]].map(([one, other]) => pairNumber(one!, other!)), [0, 1, 2, 3, 4, 5]);
});

test('property: both ends of a link agree, and no two links share an address', (t) => {
  const transit = network('100.64.0.0/16');
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 181 }), { minLength: 2, maxLength: 12 });
  t.notThrows(() => fc.assert(fc.property(ids, (sites) => {
    const used: number[] = [];
    for (const [i, one] of sites.entries()) {
      for (const other of sites.slice(i + 1)) {
        const [here, there] = [linkOffsets(transit, one, other), linkOffsets(transit, other, one)];
        if (here.link.near !== there.link.far || here.inside.far !== there.inside.near) return false;
        // A /31: an even address and the one behind it.
        if (Math.min(here.link.near, here.link.far) % 2 !== 0 || Math.abs(here.link.near - here.link.far) !== 1) return false;
        used.push(here.link.near, here.link.far, here.inside.near, here.inside.far);
      }
    }
    return new Set(used).size === used.length && used.every((offset) => offset < sizeOf(transit));
  })));
});

test('the links of the highest site fit in the transit network, or it is said that they do not', (t) => {
  t.true(hasLinksFor(network('100.64.0.0/16'), 181));
  t.false(hasLinksFor(network('100.64.0.0/16'), 182));
  t.true(hasLinksFor(network('100.64.0.0/29'), 2));
  t.false(hasLinksFor(network('100.64.0.0/30'), 3));
});
