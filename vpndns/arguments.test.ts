import test from 'ava';
import { nameFromText } from '../core/name.js';
import { parseArguments, usage } from './arguments.js';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

test('without arguments it serves what Corefile says, on port 53', (t) => {
  t.deepEqual(parse(''), { kind: 'serve', conf: 'Corefile', port: 53, quiet: false });
});

test('options have long and short forms', (t) => {
  const expected = { kind: 'serve', conf: '/etc/vpndns/Corefile', port: 5300, quiet: true } as const;
  t.deepEqual(parse('--conf /etc/vpndns/Corefile --port 5300 --quiet'), expected);
  t.deepEqual(parse('-c /etc/vpndns/Corefile -p 5300 -q'), expected);
  t.deepEqual(parse('--port=5300 --conf=/etc/vpndns/Corefile --quiet'), expected);
});

test('a check is a check, whatever stands beside it', (t) => {
  t.deepEqual(parse('--check --port 5300'), { kind: 'check', conf: 'Corefile', port: 5300, quiet: false });
});

test('what only tells something needs nothing else', (t) => {
  for (const kind of ['help', 'version', 'plugins'] as const) t.deepEqual(parse(`--${kind} --conf x`), { kind });
  t.deepEqual(parse('-v'), { kind: 'version' });
});

test('explain takes a client, a name and perhaps a type', (t) => {
  t.like(parse('explain --client 192.0.2.7 WWW.example.org'), { kind: 'explain', conf: 'Corefile', name: nameFromText('www.example.org'), type: 1 });
  t.like(parse('explain www.example.org https --client 2001:DB8::7 -c x'), { kind: 'explain', conf: 'x', type: 65, client: { text: '2001:db8::7' } });
});

test('import takes a file', (t) => t.deepEqual(parse('import sample.yml'), { kind: 'import', file: 'sample.yml' }));

const wrong: readonly (readonly [string, RegExp])[] = [
  ['--port 0', /^--port: '0' is no port, a number from 1 to 65535$/],
  ['--port 65536', /no port/],
  ['--port dns', /no port/],
  ['--port -1', /--port/],
  ['--conf', /--conf .*see vpndns --help$/],
  ['--colour', /--colour.*see vpndns --help$/],
  ['serve', /^there is no command 'serve'; see vpndns --help$/],
  ['--client 192.0.2.7', /^--client goes with explain$/],
  ['import', /^import takes one YAML file$/],
  ['import a.yml b.yml', /^import takes one YAML file$/],
  ['explain www.example.org', /^usage: vpndns explain --client IP NAME \[TYPE\]$/],
  ['explain --client 192.0.2.7', /^usage: /],
  ['explain --client 192.0.2.7 a A b', /^usage: /],
  ['explain --client 192.0.2 a', /^--client: '192\.0\.2' is no address$/],
  ['explain --client 192.0.2.7 a colour', /^'colour' is no record type, such as A, AAAA or TYPE65$/],
  ['explain --client 192.0.2.7 a..b', /empty/],
];

for (const [line, message] of wrong) {
  test(`a mistake: ${line}`, (t) => void t.throws(() => parse(line), { instanceOf: RangeError, message }));
}

test('the usage names every command and option', (t) => {
  const words = ['--conf', '--port', '--quiet', '--check', 'explain', '--client', 'import', '--plugins', '--version', '--help'];
  for (const word of words) t.true(usage.includes(word), word);
});
