import { resolve } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { textOfEndpoint } from '../address.js';
import { limits } from '../limits.js';
import { textOfName } from '../name.js';
import {
  address, cidr, duration, endpoint, integer, name, named, oneOf, path, percent, qtype, rcode, regexp, seconds, size, text, textOfDuration, url, value,
} from './values.js';
import type { Value } from './values.js';

const here = { file: 'etc/Corefile', line: 1, column: 1 };

/** What each word becomes; for a word that is refused, why. */
function reads<T>(t: ExecutionContext, kind: Value<T>, expected: Readonly<Record<string, unknown>>, show: (result: T) => unknown = (result) => result): void {
  for (const [word, result] of Object.entries(expected)) {
    let actual: unknown;
    try {
      actual = show(kind.read(word, here));
    } catch (error) {
      t.true(error instanceof RangeError, `${word}: ${String(error)}`);
      actual = { refused: (error as RangeError).message };
    }
    t.deepEqual(actual, result, word);
  }
}
const refused = (message: string) => ({ refused: message });

test('text is anything but nothing', (t) => {
  reads(t, text(), { a: 'a', ' ': ' ', '': refused('the word is empty') });
});

test('integers have bounds', (t) => {
  reads(t, integer({ min: 1, max: 9 }), {
    '1': 1, '09': 9, '0': refused('0 is too small; the least is 1'), '10': refused('10 is too large; the most is 9'),
    '1.5': refused('\'1.5\' is no whole number'), '1e0': refused('\'1e0\' is no whole number'), '': refused('\'\' is no whole number'),
  });
  reads(t, integer(), { '-1': refused('-1 is too small; the least is 0'), '9007199254740991': 2 ** 53 - 1 });
  reads(t, integer({ min: -5 }), { '-5': -5 });
});

test('durations are whole milliseconds that a timer can wait', (t) => {
  reads(t, duration(), {
    '500ms': 500, '0.5s': 500, '10s': 10_000, '5m': 300_000, '1h30m': 5_400_000, '2d': 172_800_000, '0': 0, '0s': 0, '1.1m': 66_000,
    '25d': refused('25d is too large; the most is 24d20h31m23s647ms'),
    '10': refused('\'10\' is no duration, such as 500ms, 10s, 5m, 1h30m or 2d'),
    '5 m': refused('\'5 m\' is no duration, such as 500ms, 10s, 5m, 1h30m or 2d'),
    '-1s': refused('\'-1s\' is no duration, such as 500ms, 10s, 5m, 1h30m or 2d'),
  });
  reads(t, duration({ min: 100 }), { '99ms': refused('99ms is too small; the least is 100ms') });
});

test('property: a duration is read as it is written', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.integer({ min: 0, max: limits.timerMs }), (ms) => duration().read(textOfDuration(ms), here) === ms)));
});

test('seconds are whole, with a unit or without', (t) => {
  reads(t, seconds({ max: 86_400 }), {
    '0': 0, '3600': 3600, '1h': 3600, '1m30s': 90, '1000ms': 1, '1d': 86_400,
    '2d': refused('2d is too large; the most is 86400'),
    '500ms': refused('500ms is not a whole number of seconds'),
    '1.5': refused('\'1.5\' is neither a number of seconds nor a duration, such as 10s, 5m or 1h'),
  });
  reads(t, seconds(), { '2147483647': 2147483647, '2147483648': refused('2147483648 is too large; the most is 2147483647') });
});

test('sizes are bytes', (t) => {
  reads(t, size({ max: 2 ** 31 }), {
    '512': 512, '512B': 512, '64KiB': 65_536, '1MiB': 1_048_576, '2GiB': 2 ** 31, '3GiB': refused('3GiB is too large; the most is 2147483648'),
    '1kb': refused('\'1kb\' is no size, such as 512, 64KiB, 1MiB or 2GiB'), '1.5MiB': refused('\'1.5MiB\' is no size, such as 512, 64KiB, 1MiB or 2GiB'),
  });
});

test('percentages', (t) => {
  reads(t, percent(), { '10%': 10, '0%': 0, '101%': refused('101% is too large; the most is 100%'), '10': refused('\'10\' is no percentage, such as 10%') });
});

test('addresses, networks and endpoints', (t) => {
  reads(t, address(), { '192.0.2.1': '192.0.2.1', '2001:DB8::1': '2001:db8::1', 'a.example': refused('\'a.example\' is no IP address') }, ({ text }) => text);
  reads(t, cidr(), { '192.0.2.9/24': '192.0.2.0/24', '192.0.2.9': '192.0.2.9/32', '2001:db8::/32': '2001:db8::/32' }, ({ text }) => text);
  reads(t, endpoint(53), {
    '192.0.2.1': '192.0.2.1:53', '192.0.2.1:5353': '192.0.2.1:5353', '2001:db8::1': '[2001:db8::1]:53', '[2001:db8::1]:5353': '[2001:db8::1]:5353',
    '192.0.2.1:0': refused('\'192.0.2.1:0\' is no address, such as 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53'),
  }, textOfEndpoint);
});

test('names, types and response codes', (t) => {
  reads(t, name(), { 'Example.ORG.': 'example.org', '.': '.', 'a..b': refused('a label is empty') }, textOfName);
  reads(t, qtype(), { A: 1, aaaa: 28, TYPE65: 65, ANY: 255, TYPE65536: refused('\'TYPE65536\' is no record type, such as A, AAAA or TYPE65') });
  reads(t, rcode(), { NXDOMAIN: 3, servfail: 2, OK: refused('\'OK\' is no response code, such as SERVFAIL, NXDOMAIN or REFUSED') });
});

test('one of several words', (t) => {
  reads(t, oneOf('random', 'round_robin'), {
    random: 'random', rondom: refused('\'rondom\' is not one of random, round_robin; did you mean \'random\'?'),
    first: refused('\'first\' is not one of random, round_robin'), constructor: refused('\'constructor\' is not one of random, round_robin'),
  });
});

test('a path counts from the file in which it is written', (t) => {
  reads(t, path(), { 'a/b': resolve('etc/a/b'), '../c': resolve('c'), '/d': '/d', '': refused('\'\' is no path'), 'a\0': refused('\'a\\x00\' is no path') });
});

test('regular expressions are found anywhere in a text, in linear time', (t) => {
  const ads = regexp().read('^ads?\\.', here);
  t.deepEqual([ads.source, ads.test('ad.example'), ads.test('AD.example'), ads.test('x.ad.example')], ['^ads?\\.', true, false, false]);
  t.true(regexp({ ignoreCase: true }).read('b$', here).test('AB'));
  t.false(regexp().read('^(a+)+$', here).test(`${'a'.repeat(100)}!`));
});

test('what RE2 can not express is refused with the reason', (t) => {
  const look = (source: string) => refused(`'${source}' looks ahead or behind, which can't be done in linear time; write it without (?= (?! (?<= (?<!`);
  const back = (source: string) => refused(`'${source}' refers back to a group, which can't be done in linear time; write it without`);
  reads(t, regexp(), {
    '(': refused('\'(\' is no regular expression: missing closing ): `(`'),
    'a(?=b)': look('a(?=b)'), '(?!b)': look('(?!b)'), '(?<=a)b': look('(?<=a)b'), '(?<!a)b': look('(?<!a)b'),
    '(a)\\1': back('(a)\\1'), '(?<n>a)\\k<n>': back('(?<n>a)\\k<n>'),
  });
});

test('URLs have a scheme that was asked for', (t) => {
  const wrong = (word: string) => refused(`'${word}' is no URL that begins with http:// or https://`);
  reads(t, url(), {
    'https://example.org/a b': 'https://example.org/a%20b', 'ftp://example.org': wrong('ftp://example.org'), 'example.org': wrong('example.org'),
  }, String);
  reads(t, url('tls'), { 'tls://192.0.2.1:853': 'tls://192.0.2.1:853' }, String);
});

test('a plugin may have values of its own, and other placeholders', (t) => {
  const even = value('EVEN', (word) => {
    if (Number(word) % 2 !== 0) throw new RangeError(`${word} is odd`);
    return Number(word);
  });
  reads(t, named('PAIR', even), { '2': 2, '3': refused('3 is odd') });
  t.is(named('PAIR', even).syntax, 'PAIR');
});
