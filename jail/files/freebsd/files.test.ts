import { spawnSync } from 'node:child_process';
import test from 'ava';
import { exampleSite } from '../../site/examples.js';
import type { Site } from '../../site/site.js';
import { parseRule } from '../../plan/freebsd/testing/rule.js';
import { freeBsdFiles } from './index.js';

const site = (name: string): Site => ({ ...exampleSite(name), platform: 'freebsd' });
const filesOf = (name: string): ReadonlyMap<string, string> => new Map(freeBsdFiles(site(name)).map(({ path, text }) => [path, text]));
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

for (const name of ['host1', 'host2', 'host3']) {
  test(`a shell takes every script of ${name}`, (t) => {
    const scripts = [...filesOf(name)].filter(([path]) => path.endsWith('.sh'));
    t.true(scripts.length >= 10);
    for (const [path, input] of scripts) {
      t.is(spawnSync('sh', ['-n'], { input, encoding: 'utf8' }).stderr, '', path);
      if (isThere('shellcheck')) t.is(spawnSync('shellcheck', ['--shell=sh', '-'], { input, encoding: 'utf8' }).stdout, '', path);
    }
    if (!isThere('shellcheck')) t.log('shellcheck is not there');
  });

  test(`every rule of ${name} is one that the manual knows`, (t) => {
    const rules = [...filesOf(name)].filter(([path]) => path.endsWith('ipfw.rules')).flatMap(([, text]) => text.match(/^add .*$/gm) ?? []);
    t.true(rules.length > 100);
    for (const rule of rules) t.notThrows(() => parseRule(rule.split(' ').slice(1)), rule);
  });
}

test('every file says what it is', (t) => {
  for (const [path, text] of filesOf('host2')) t.regex(text, /^(?:#!\/bin\/sh\n)?# \S/, path);
});

test('the script of a session takes its own words, and nothing else', (t) => {
  const script = filesOf('host2').get('vpn1/session.sh')!;
  const run = (words: string): number | null => spawnSync('sh', ['-s'], { input: script, env: { PATH: '/usr/bin:/bin', SSH_ORIGINAL_COMMAND: words } }).status;
  for (const words of ['reboot', 'online; reboot', 'check', 'check 3;reboot', 'check $(reboot)', '']) t.is(run(words), 2, words);
});

test('the prefix of a routed client leads into its tunnel, or nowhere', (t) => {
  const rules = filesOf('host1').get('ipsec/ipfw.rules')!;
  t.regex(rules, /^add 200 fwd 10\.15\.0\.9 ip from 192\.168\.7\.0\/24 to not table\(wan\) in$/m);
  t.regex(rules, /^add 300 deny ip from 192\.168\.7\.0\/24 to not table\(wan\) out not xmit gre2$/m);
});
