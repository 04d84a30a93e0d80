/**
 * Plans as they are, to be read and compared: a change of a plan shows in the copies beside this file. They are written anew by
 * `VPNJAIL_GOLDEN=write npx ava dist/jail/plan/golden.test.js`.
 */
import test from 'ava';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exampleSite } from '../site/examples.js';
import type { Platform } from '../site/site.js';
import { backEnds } from './index.js';
import { scriptOf } from './script.js';

/** Seen from dist/jail/plan. */
const copyOf = (name: string, platform: Platform): string => fileURLToPath(new URL(`../../../jail/plan/golden/${name}.${platform}.sh`, import.meta.url));
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

for (const name of ['host1', 'host2']) {
  const site = exampleSite(name);
  const { platform } = site;
  const script = scriptOf(backEnds[platform].plan(site), `${name} on ${platform}: a copy to be read; \`vpnjail plan\` prints it.`);

  test(`the plan of ${name} on ${platform} is what its copy says`, (t) => {
    const copy = copyOf(name, platform);
    if (process.env['VPNJAIL_GOLDEN'] === 'write') writeFileSync(copy, script);
    t.is(script, readFileSync(copy, 'utf8'), `if that is meant: VPNJAIL_GOLDEN=write npx ava ${fileURLToPath(import.meta.url)}`);
  });

  test(`the plan of ${name} on ${platform}, as a script, is what a shell takes`, (t) => {
    t.notThrows(() => execFileSync('sh', ['-n'], { input: script, stdio: ['pipe', 'ignore', 'pipe'] }));
    if (!isThere('shellcheck')) return t.log('shellcheck is not there');
    const { stdout } = spawnSync('shellcheck', ['--shell=sh', '-'], { input: script, encoding: 'utf8' });
    t.is(stdout, '');
  });
}
