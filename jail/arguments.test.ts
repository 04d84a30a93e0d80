import test from 'ava';
import { parseArguments, usage } from './arguments.js';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

test('every command takes a site file', (t) => {
  for (const kind of ['check', 'plan', 'up', 'status'] as const) t.deepEqual(parse(`${kind} host1.yml`), { kind, site: 'host1.yml' });
  t.deepEqual(parse('down host1.yml'), { kind: 'down', site: 'host1.yml', purge: false });
  t.deepEqual(parse('render host1.yml out'), { kind: 'render', site: 'host1.yml', directory: 'out' });
});

test('what is carried out may be about one container', (t) => {
  t.deepEqual(parse('up host1.yml vpn1'), { kind: 'up', site: 'host1.yml', container: 'vpn1' });
  t.deepEqual(parse('status host1.yml vpn1'), { kind: 'status', site: 'host1.yml', container: 'vpn1' });
  t.deepEqual(parse('down host1.yml vpn1 --purge'), { kind: 'down', site: 'host1.yml', container: 'vpn1', purge: true });
});

test('a plan and files may be for either platform', (t) => {
  t.deepEqual(parse('plan --platform freebsd host1.yml'), { kind: 'plan', site: 'host1.yml', platform: 'freebsd' });
  t.deepEqual(parse('render host1.yml out --platform linux'), { kind: 'render', site: 'host1.yml', directory: 'out', platform: 'linux' });
});

test('the schema is that of the site file, if nothing else is asked for', (t) => {
  t.deepEqual(parse('schema'), { kind: 'schema', which: 'site' });
  t.deepEqual(parse('schema wan'), { kind: 'schema', which: 'wan' });
});

test('what only tells something needs nothing else', (t) => {
  for (const kind of ['help', 'version'] as const) t.deepEqual(parse(`--${kind} x`), { kind });
  for (const word of ['check', 'plan', 'up', 'down', 'status', 'render', 'schema']) t.true(usage.includes(`vpnjail ${word}`), word);
});

test('what is wrong is said in one line', (t) => {
  const problems: Record<string, string> = {
    '': 'what is to be done? see vpnjail --help',
    'start host1.yml': "there is no command 'start'; see vpnjail --help",
    'check': 'usage: vpnjail check SITE.yml',
    'check a b': 'usage: vpnjail check SITE.yml',
    'up': 'usage: vpnjail up SITE.yml [CONTAINER]',
    'up a b c': 'usage: vpnjail up SITE.yml [CONTAINER]',
    'render a': 'usage: vpnjail render SITE.yml DIRECTORY',
    'schema host': 'usage: vpnjail schema [site|wan]',
    'up a --purge': '--purge goes with down',
    'up a --platform linux': '--platform goes with plan and render',
    'plan a --platform windows': "--platform: 'windows' is none of linux, freebsd",
  };
  for (const [line, message] of Object.entries(problems)) t.throws(() => parse(line), { instanceOf: RangeError, message }, line);
  t.throws(() => parse('up a --force'), { message: /^Unknown option '--force'.*see vpnjail --help$/s });
});
