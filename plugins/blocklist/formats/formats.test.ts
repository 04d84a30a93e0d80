import test from 'ava';
import fc from 'fast-check';
import { below, itself, zone, type Coverage } from '../../../core/lists/name-table.js';
import { isNameText, nameAt, textOfName } from '../../../core/name.js';
import { detectFormat } from './detect.js';
import { createParser, formats, type Format } from './formats.js';

const marks = new Map<Coverage, string>([[itself, '='], [below, '<'], [zone, '≤']]);

/** What a parser finds in these lines: `=name` itself, `<name` what is below it, `≤name` both; `+` allows; `!reason` for a bad line. */
function parse(format: Format, text: string | Uint8Array, coverage: Coverage = itself): string[] {
  const found: string[] = [];
  const parser = createParser(format, coverage, {
    name: (wire, length, covers, allow) => found.push(`${allow ? '+' : ''}${marks.get(covers)}${textOfName(nameAt(wire, 0, length))}`),
    bad: (reason) => found.push(`!${reason}`),
  });
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    parser(bytes, start, end);
    start = end + 1;
  }
  return found;
}

/** The same with all reasons alike. */
const parseNames = (format: Format, text: string, coverage?: Coverage): string[] =>
  parse(format, text, coverage).map((found) => (found.startsWith('!') ? '!' : found));

test('plain: a name a line, in any of the ways in which people write names', (t) => {
  t.deepEqual(parse('plain', 'a.example\nB.Example.\r\n  c.example\t \nd_e.example # why\nf.example#why\n'),
    ['=a.example', '=b.example', '=c.example', '=d_e.example', '=f.example']);
  t.deepEqual(parse('plain', '# comment\n\n   \n! comment\n; comment\n// comment\n#\n'), []);
  t.deepEqual(parse('plain', 'a.example', zone), ['≤a.example']);
});

test('plain: Unicode becomes A-labels', (t) => {
  t.deepEqual(parse('plain', 'bücher.example\nBÜCHER.example\n例え.テスト\n'), ['=xn--bcher-kva.example', '=xn--bcher-kva.example', '=xn--r8jz45g.xn--zckzah']);
  t.deepEqual(parseNames('plain', 'b\u00fccher/x.example\n\ufffd.example\n'), ['!', '!']);
  t.deepEqual(parseNames('plain', Buffer.from('b\xfccher.example', 'latin1').toString('latin1').replace('\u00fc', '\u{d800}')), ['!']);
});

test('plain: what is no name says why', (t) => {
  const reasons = parse('plain', [
    'a..example', '.example', '192.0.2.1', '2001:db8::1', 'two names', 'http://a.example/', 'a\0b.example', `${'x'.repeat(64)}.example`,
    `${'xxxxxxx.'.repeat(32)}example`, '-----', '*.a.example', `${'ü'.repeat(2000)}.example`,
  ].join('\n'));
  t.true(reasons.every((reason) => reason.startsWith('!')), reasons.join());
  t.regex(reasons[2]!, /address/);
  t.regex(reasons[7]!, /longer than 63/);
  t.regex(reasons[8]!, /longer than 255/);
});

test('the longest names are names', (t) => {
  const longest = [...Array.from({ length: 3 }, () => 'b'.repeat(63)), 'b'.repeat(61)].join('.');
  t.deepEqual(parse('plain', `${longest}\n${longest}.\n`), [`=${longest}`, `=${longest}`]);
  t.deepEqual(parseNames('plain', `b${longest}\n${longest}b\n`), ['!', '!']);
});

test('hosts: any number of names behind an address that leads nowhere', (t) => {
  t.deepEqual(parse('hosts', [
    '0.0.0.0 a.example b.example\t c.example # d.example', '127.0.0.1\te.example', ':: f.example', '::1 g.example', '0 h.example',
    '127.0.0.53 i.example', '0:0:0:0:0:0:0:0 j.example',
  ].join('\n')), ['=a.example', '=b.example', '=c.example', '=e.example', '=f.example', '=g.example', '=h.example', '=i.example', '=j.example']);
});

test('hosts: the names of the host itself are not blocked', (t) => {
  t.deepEqual(parse('hosts', [
    '127.0.0.1 localhost localhost.localdomain local', '255.255.255.255 broadcasthost', '::1 localhost ip6-localhost ip6-loopback', 'fe80::1%lo0 localhost',
    'ff02::1 ip6-allnodes', '0.0.0.0 0.0.0.0', '0.0.0.0 LOCALHOST', '0.0.0.0 localhost.example',
  ].join('\n')), ['=localhost.example']);
});

test('hosts: another address would be a record, and a lone word is nothing', (t) => {
  t.deepEqual(parseNames('hosts', '192.0.2.1 a.example\nb.example\n0.0.0.0\n1127.0.0.1 c.example\n'), ['!', '!', '!', '!']);
});

test('adblock: ||name^ blocks a name and all below it, @@||name^ allows them', (t) => {
  t.deepEqual(parse('adblock', [
    '[Adblock Plus 2.0]', '! Title: x', '||a.example^', '@@||b.example^', '||c.example', '||d.example^|', '||*.e.example^', '||F.example.^',
    '||ü.example^ # why',
  ].join('\n')), ['≤a.example', '+≤b.example', '≤c.example', '≤d.example', '<e.example', '≤f.example', '≤xn--tda.example']);
});

test('adblock: modifiers that change nothing for DNS are accepted, all others refused', (t) => {
  t.deepEqual(parseNames('adblock', [
    '||a.example^$important', '||b.example^$all,important', '@@||c.example^$important',
  ].join('\n')), ['≤a.example', '≤b.example', '+≤c.example']);
  t.deepEqual(parseNames('adblock', [
    '||a.example^$third-party', '||b.example^$important,script', '@@||c.example^$third-party', '||d.example$popup', '||e.example^$badfilter',
    '||f.example^$dnstype=A',
  ].join('\n')), ['!', '!', '!', '!', '!', '!']);
  t.regex(parse('adblock', '||a.example^$third-party')[0]!, /third-party/);
});

test('adblock: rules about pages and parts of URLs block no names', (t) => {
  t.deepEqual(parseNames('adblock', [
    '##.ad', 'a.example##.ad', 'a.example#@#.ad', '#@#.ad', 'a.example#?#div', '||a.example/ads^', '||a.example:8080^', '||a.example^path',
    '|http://a.example|', '/banner/',
    '@@a.example', '||ads*.example^', '||192.0.2.1^', '||^', '||', '@@||',
  ].join('\n')), Array.from({ length: 16 }, () => '!'));
});

test('adblock: plain names and hosts lines between the rules are read as such', (t) => {
  t.deepEqual(parse('adblock', 'a.example\n0.0.0.0 b.example c.example # why\n# comment\n', itself), ['=a.example', '=b.example', '=c.example']);
});

test('dnsmasq: address, local and server lines take names and all below them', (t) => {
  t.deepEqual(parse('dnsmasq', [
    'server=/a.example/', 'local=/b.example/', 'address=/c.example/0.0.0.0', 'address=/d.example/', 'address=/e.example/#',
    'address=/f.example/g.example/::', 'server=/*.h.example/ # why',
  ].join('\n')), ['≤a.example', '≤b.example', '≤c.example', '≤d.example', '≤e.example', '≤f.example', '≤g.example', '<h.example']);
});

test('dnsmasq: server=/name/# excepts a name; a server of its own is a route and no block', (t) => {
  t.deepEqual(parseNames('dnsmasq', 'server=/a.example/#\nserver=/b.example/192.0.2.1\nlocal=/c.example/192.0.2.1\n'), ['+≤a.example', '!', '!']);
});

test('dnsmasq: other settings, every name, and lines cut short are refused', (t) => {
  t.deepEqual(parseNames('dnsmasq', [
    '# comment', 'cache-size=1000', 'address=/#/0.0.0.0', 'address=/a.example', 'server=/', 'server=//', 'server=192.0.2.1',
  ].join('\n')), ['!', '!', '!', '!', '!', '!']);
});

test('rpz: a policy covers the name, one with an asterisk what is below it', (t) => {
  t.deepEqual(parse('rpz', [
    '$TTL 60', '@ IN SOA localhost. root.localhost. (', '  1 ; serial', '  3600 600 86400 60 )', '  IN NS localhost.', '; comment', '',
    'a.example CNAME .', '*.a.example CNAME .', 'B.example 60 IN CNAME *.', 'c.example IN 1h CNAME rpz-drop. ; why',
    'd.example cname RPZ-PASSTHRU.', 'e.example A 0.0.0.0', '\tAAAA ::',
    'f.example TXT "; ( why"', 'g.example CNAME .',
  ].join('\n')), ['=a.example', '<a.example', '=b.example', '=c.example', '+=d.example', '=e.example', '=e.example', '=g.example']);
});

test('rpz: owners lose the name of the zone, however the file writes it', (t) => {
  t.deepEqual(parse('rpz', [
    'rpz.local. SOA a. b. 1 2 3 4 5', 'a.example.rpz.local. CNAME .', 'b.example CNAME .', 'rpz.local. CNAME .',
  ].join('\n')), ['=a.example', '=b.example']);
  t.deepEqual(parse('rpz', [
    '$ORIGIN rpz.local.', '@ SOA a. b. 1 2 3 4 5', 'a.example CNAME .', '$ORIGIN example.rpz.local.', 'b CNAME .', '*.c CNAME .',
  ].join('\n')), ['=a.example', '=b.example', '<c.example']);
  t.deepEqual(parse('rpz', [
    '$ORIGIN .', 'rpz.local SOA a. b. 1 2 3 4 5', '$ORIGIN rpz.local.', 'a.example CNAME .', '$ORIGIN com.rpz.local.', 'b CNAME .',
  ].join('\n')), ['=a.example', '=b.com']);
  t.deepEqual(parse('rpz', 'a.example. CNAME .\n'), ['=a.example']);
});

test('rpz: rewrites, triggers that are no names, and what is no record are refused', (t) => {
  t.deepEqual(parseNames('rpz', [
    'a.example CNAME walled.example.', 'b.example A 192.0.2.1', '24.0.2.0.192.rpz-ip CNAME .', 'ns.example.rpz-nsdname CNAME .', '* CNAME .',
    'c.example', 'd.example IN', '$INCLUDE x',
  ].join('\n')),
    Array.from({ length: 8 }, () => '!'));
});

test('wildcard: names with and without an asterisk, and all below them', (t) => {
  t.deepEqual(parseNames('wildcard', '*.a.example\nb.example # why\n# comment\n*\n*.*.c.example\n'), ['≤a.example', '≤b.example', '!', '!']);
});

test('the format is told by what most of the first lines look like', (t) => {
  const detect = (text: string): Format => detectFormat(Buffer.from(text));
  t.is(detect('\ufeff# comment\r\na.example\r\nb.example\r\n'), 'plain');
  t.is(detect('# comment\n0.0.0.0 a.example\n0.0.0.0 b.example\n'), 'hosts');
  t.is(detect(':: a.example\n::1 b.example'), 'hosts');
  t.is(detect('! Title\n\n||a.example^\n'), 'adblock');
  t.is(detect('[Adblock Plus]\na.example\n'), 'adblock');
  t.is(detect('a.example\nb.example\n@@||c.example^\n'), 'adblock');
  t.is(detect('# comment\naddress=/a.example/\n'), 'dnsmasq');
  t.is(detect('server=/a.example/\nlocal=/b.example/\n'), 'dnsmasq');
  t.is(detect('$TTL 60\n@ SOA localhost. a. 1 2 3 4 5\n  NS localhost.\na.example CNAME .\n'), 'rpz');
  t.is(detect('*.a.example\n*.b.example\n'), 'wildcard');
  t.is(detect(`${'# a long licence\n'.repeat(1000)}0.0.0.0 a.example\n`), 'hosts');
  t.is(detect(''), 'plain');
});

const words = [
  '||', '@@', '^', '$', '/', '#', '*.', '.', 'a', 'example', ' ', '\t', 'server=/', 'address=/',
  '0.0.0.0', '::', 'CNAME', '(', ')', '"', ';', '$ORIGIN', 'SOA', '\0', 'ü', '\r',
];
const line = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets)),
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((picked) => Buffer.from(picked.join(''))),
);

test('whatever the bytes, no parser throws, and what it takes for names are names', (t) => {
  fc.assert(fc.property(fc.constantFrom(...formats), fc.array(line, { maxLength: 6 }), (format, lines) => {
    const file = Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')]));
    t.true(formats.includes(detectFormat(file)));
    for (const found of parse(format, file)) t.true(found.startsWith('!') || isNameText(found.replace(/^\+?[=<≤]/u, '')), found);
  }), { numRuns: 2000 });
});

const letters = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const anyName = fc.tuple(fc.array(letters, { minLength: 1, maxLength: 4 }), fc.constantFrom('com', 'Org', 'xn--p1ai'))
  .map(([labels, top]) => [...labels, top].join('.'));
const names = fc.array(anyName, { maxLength: 10 });

test('all formats find the same names in what says the same', (t) => {
  const writers: readonly (readonly [Format, Coverage, (name: string) => string])[] = [
    ['plain', zone, (name) => name],
    ['hosts', zone, (name) => `0.0.0.0 ${name}`],
    ['adblock', itself, (name) => `||${name}^`],
    ['dnsmasq', itself, (name) => `address=/${name}/0.0.0.0`],
    ['wildcard', itself, (name) => `*.${name}`],
  ];
  fc.assert(fc.property(names, fc.constantFrom('\n', '\r\n', ' \n', '  # why\n'), (list, ending) => {
    const expected = list.map((name) => `≤${name.toLowerCase()}`);
    for (const [format, coverage, write] of writers) t.deepEqual(parse(format, list.map((name) => write(name) + ending).join(''), coverage), expected, format);
  }));
});
