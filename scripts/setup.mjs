// Sets up a fresh clone: installs what package-lock.json names and compiles TypeScript to dist/, each only when it is out of date.
// Runs before `npm start` and `npm test`; needs nothing but Node.js and npm.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`vpncore needs Node.js 20.19 or later; this is ${process.versions.node}`);
  process.exit(1);
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const stamp = 'node_modules/.vpncore-setup';
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

const run = (command, args) => {
  try {
    // Output goes to stderr: `npm pack --json` and the like own stdout.
    execFileSync(command, args, { stdio: ['ignore', 2, 2] });
  } catch {
    console.error(`vpncore: '${command} ${args.join(' ')}' failed; its output above says why`);
    process.exit(1);
  }
};

if (!installed) {
  run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
