import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { importYaml } from './import.js';

const read = (name: string): string => readFileSync(new URL(`../../test/import/${name}`, import.meta.url), 'utf8');
const corefileOf = (yaml: string): string => importYaml(yaml, 'a.yml').corefile;
const warningsOf = (yaml: string): string[] => importYaml(`dns_listeners: 1\nnameserver_default: 192.0.2.1\n${yaml}`, 'a.yml').warnings;

/** `LINE:COLUMN` and the problem of each mistake. */
function mistakesOf(t: ExecutionContext, yaml: string): string[] {
  const error = t.throws(() => importYaml(yaml, 'a.yml'), { instanceOf: ConfigError });
  return error?.mistakes.map(({ at, problem }) => `${at.line}:${at.column} ${problem}`) ?? [];
}

for (const name of ['sample', 'minimal', 'several-ports']) {
  test(`${name}.yml becomes ${name}.corefile`, (t) => {
    t.is(importYaml(read(`${name}.yml`), `some/where/${name}.yml`).corefile, read(`${name}.corefile`));
  });
}

test('what the Corefile leaves out is a warning with its place, in the order of the file', (t) => {
  t.deepEqual(importYaml(read('sample.yml'), 'sample.yml').warnings, [
    'sample.yml:19:3: no linear-time engine can run this (invalid named capture: `(?<!not-)corp\\.example$`); '
      + 'it is a comment in the Corefile, and its names follow the other rules',
    'sample.yml:36:5: no linear-time engine can run this (invalid escape sequence: `\\1`); '
      + 'it is a comment in the Corefile, and its names follow the other rules',
    "sample.yml:44:1: 'colour' is no key of vpndns; it was left out",
  ]);
});

test('a configuration that is understood whole has no warning', (t) => {
  t.deepEqual(importYaml(read('minimal.yml'), 'minimal.yml').warnings, []);
  t.deepEqual(importYaml(read('several-ports.yml'), 'several-ports.yml').warnings, []);
});

test('without a default nameserver the reader is told that the rest is refused', (t) => {
  t.regex(importYaml('dns_listeners: 1', 'a.yml').warnings.join(), /^a\.yml:1:1: nameserver_default is missing/);
});

test('listeners that can not be told apart from nonsense become port 53 everywhere, with a warning', (t) => {
  for (const listeners of ['', 'dns_listeners:\n', 'dns_listeners: []\n', 'dns_listeners: {a: b}\n']) {
    const { corefile, warnings } = importYaml(`${listeners}nameserver_default: 192.0.2.1`, 'a.yml');
    t.regex(corefile, /^\.:53 \{\n {4}acl/m);
    t.is(warnings.length, 1);
  }
});

test('a number of listeners is a number of workers', (t) => {
  t.regex(corefileOf('dns_listeners: 4'), /^ {4}workers 4$/m);
  t.notRegex(corefileOf('dns_listeners: 1'), /workers/);
});

test('an empty address is every IPv4 address', (t) => {
  t.regex(corefileOf('dns_listeners: [["", 5300]]'), /^\.:5300 \{\n {4}bind 0\.0\.0\.0$/m);
});

test('an API that others can reach stays open to them, in words', (t) => {
  t.regex(corefileOf('interface_listen: [[0.0.0.0, 8080]]'), /http-admin 0\.0\.0\.0:8080 \{\n.*token FILE\n {8}allow 0\.0\.0\.0\/0 ::\/0\n/);
  t.regex(corefileOf('interface_listen: [["::1"]]'), /http-admin \[::1\]:8080$/m);
});

test('a block list may answer for all types', (t) => {
  t.regex(corefileOf('{blocklist_dir: /lists, blocklist_only_a: no}'), /blocklist \{\n {8}dir \/lists\n(?: {8}.+\n){2} {8}all_types\n {4}\}/);
});

test('a key without its companion is a warning', (t) => {
  t.deepEqual(warningsOf('static_records_ttl: 5'), ['a.yml:3:21: static_records_ttl has no effect without static_records; it was left out']);
  t.deepEqual(warningsOf('client_exemptions: [192.0.2.7]'), ['a.yml:3:20: client_exemptions has no effect without blocklist_dir; it was left out']);
});

test('of two spellings of one network the first is kept', (t) => {
  const yaml = 'nameservers:\n  192.168.1.0/24: 192.0.2.1\n  192.168.1.9/24: 192.0.2.2\n';
  t.regex(warningsOf(yaml).join(), /^a\.yml:5:3: 192\.168\.1\.9\/24 is the network of line 4 again/);
  t.notRegex(corefileOf(yaml), /192\.0\.2\.2/);
});

test('any literal survives on its way into a quoted word', (t) => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab"\\{$%}#\n\t args[0]') }), (literal) => {
    const corefile = corefileOf(JSON.stringify({ nameserver_regex: { [`^${RE2JS.quote(literal)}$`]: '192.0.2.1' } }));
    const pattern = /^ {8}match "([^"\n]*[^"\n\\])" to 192\.0\.2\.1$/m.exec(corefile)?.[1] ?? '';
    t.notRegex(pattern, /\{[$%]|\{args\[/);
    t.true(RE2JS.compile(pattern).matcher(literal).matches(), pattern);
  }), { numRuns: 200 });
});

test('all mistakes are reported, each with its place', (t) => {
  t.deepEqual(mistakesOf(t, [
    'dns_listeners: [[192.0.2.1, 70000], [192.0.2.1, 53, tcp], {a: b}, [example.org, 53]]',
    'nameservers: [192.0.2.1]',
    'nameserver_regex: {corp: resolver, ? [a] : 192.0.2.1}',
    'nameserver_default: {a: b}',
    'vpn_jail: [192.0.2.0/33, 192.0.2.0/28]',
    'ttl_override: {"a b": 1, ok.example: -1, long.example: 2147483648}',
    'blocklist_dir: "a\\nb"',
    'blocklist_only_a: perhaps',
    'static_records: "{$HOME}/records"',
    'client_exemptions: {a: b}',
    'nxdomain_regex: [[a]]',
  ].join('\n')), [
    '1:17 expected [ADDRESS, PORT]',
    '1:37 expected [ADDRESS, PORT]',
    '1:59 expected [ADDRESS, PORT]',
    '1:67 expected [ADDRESS, PORT]',
    '2:14 nameservers: expected a map',
    "3:26 expected a nameserver's ADDRESS or ADDRESS:PORT",
    '3:38 a key has to be a plain word',
    "4:21 expected a nameserver's ADDRESS or ADDRESS:PORT",
    "5:12 '192.0.2.0/33' is no address or network",
    "6:16 'a b' is no domain name",
    '6:38 expected a TTL in seconds',
    '6:56 expected a TTL in seconds',
    '7:16 blocklist_dir: expected a path',
    '8:19 blocklist_only_a: expected true or false',
    "9:17 static_records: a Corefile takes '{$', '{%' and '{args[' for variables",
    '10:20 client_exemptions: expected a list',
    '11:18 nxdomain_regex: expected a text',
  ]);
});

test('a mistake carries its line, for the caret', (t) => {
  const error = t.throws(() => importYaml('\nvpn_jail: [nowhere]\r\n', 'a.yml'), { instanceOf: ConfigError });
  t.is(error?.mistakes[0]?.at.source, 'vpn_jail: [nowhere]');
});

test('what is not a map of keys is a mistake, not a crash', (t) => {
  t.deepEqual(mistakesOf(t, '- a\n- b'), ['1:1 expected a map of keys such as nameserver_default']);
  t.deepEqual(mistakesOf(t, ''), ['1:1 expected a map of keys such as nameserver_default']);
  t.deepEqual(mistakesOf(t, 'a: 1\na: 2'), ['2:1 Map keys must be unique']);
  t.regex(mistakesOf(t, 'a: [1\nb: }').join(), /^2:/);
  t.regex(mistakesOf(t, 'a: 1\n---\nb: 2').join(), /^2:1 Source contains multiple documents/);
});

test('a file of a size or depth that no configuration has is refused', (t) => {
  t.regex(mistakesOf(t, '#'.repeat(limits.yamlBytes + 1)).join(), /^1:1 the file is larger than/);
  t.is(mistakesOf(t, '['.repeat(20_000)).length, 1);
});

test('aliases may be used, but can not multiply', (t) => {
  t.regex(corefileOf('nameserver_default: &server 192.0.2.1\nnameservers: {192.0.2.0/24: *server}'), /from 192\.0\.2\.0\/24 to 192\.0\.2\.1/);
  const bomb = ['a0: &a0 [lol]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)].join('\n');
  t.regex(mistakesOf(t, bomb)[0] ?? '', /^3:10 \*a1 names something that holds aliases itself/);
  t.regex(mistakesOf(t, 'a: &a [*a]').join(), /^1:8 \*a names something/);
});

test('no text makes it throw anything but a ConfigError', (t) => {
  const word = fc.constantFrom(
    'dns_listeners', 'nameservers', 'vpn_jail', 'ttl_override', 'nxdomain_regex', '192.0.2.1', '53', 'é', '\0', '---\n',
    ': ', '- ', '\n', '  ', '[', ']', '{', '}', ',', '&a ', '*a', '!t ', '"', "'", '|', '?', '#', '%', '<<',
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 30 }), (words) => {
    try {
      importYaml(words.join(''), 'a.yml');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }), { numRuns: 1000 });
  t.pass();
});
