import test from 'ava';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionScripts } from './scripts.js';
import { tools } from './tools.js';

test('where a container is down there is no session to find, to start or to check, and none to end', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'scripts-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'scripts'));
  for (const { path, text, mode } of sessionScripts) writeFileSync(join(directory, path), text, { mode });
  const codeOf = (script: string, ...args: readonly string[]): number | null => spawnSync(join(directory, 'scripts', script), args).status;
  t.is(codeOf('check-pid.sh', 'dynvpn1', '192.0.2.51', '/nowhere'), 1);
  t.is(codeOf('vpn-set-online.sh', 'dynvpn1', '192.0.2.51', '/nowhere', 'host1', '192.0.2.1'), 1);
  t.is(codeOf('vpn-check-online.sh', '192.0.2.51', '1', 'dynvpn1'), 1);
  t.is(codeOf('vpn-set-offline.sh', 'dynvpn1', '192.0.2.51', '/nowhere'), 0);
});

for (const { path, text } of [...tools, ...sessionScripts]) {
  test(`${path} is what a shell takes, and what shellcheck has nothing to say about`, (t) => {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
    t.deepEqual([status, stderr], [0, '']);
    if (spawnSync('shellcheck', ['--version']).status !== 0) return t.log('shellcheck is not there');
    t.is(spawnSync('shellcheck', ['--shell=sh', '-'], { input: text, encoding: 'utf8' }).stdout, '');
  });
}
