/**
 * `dynvpn --check` on whole configurations. A scenario is a text file: what it is about, its files each after `-- NAME --` (the scripts are
 * there unless their text is `missing`), and last, after `-- result --`, what is printed. `REWRITE=1` writes the results anew.
 */
import test from 'ava';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFailure } from '../../core/command/report.js';
import { check } from '../../ha/serve.js';
import { repositoryRoot } from '../tidy.js';

const folder = join(repositoryRoot(), 'test/ha/check');
const rewrite = process.env['REWRITE'] === '1';

const scripts = ['check-pid.sh', 'vpn-check-online.sh', 'vpn-set-online.sh', 'vpn-set-offline.sh', 'add-vpn-route.sh', 'delete-vpn-route.sh'];

/** The parts of a scenario, by name. */
const partsOf = (text: string): Map<string, string> =>
  new Map(text.split(/^-- (?=.+ --$)/m).slice(1).map((part) => [part.slice(0, part.indexOf(' --\n')), part.slice(part.indexOf(' --\n') + 4)]));

/** What the command prints, without the time of a line and the directory of the test. */
async function checked(directory: string): Promise<string> {
  const lines: string[] = [];
  try {
    lines.push(await check({ conf: join(directory, 'Dynvpnfile'), quiet: false }, (line) => lines.push(line.slice(line.indexOf('[')))));
  } catch (error) {
    lines.push(describeFailure('dynvpn', error));
  }
  return lines.join('').replaceAll(`${directory}/`, '');
}

for (const file of readdirSync(folder)) {
  test(file.slice(0, -'.txt'.length), async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'check-'));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const parts = partsOf(text);
    mkdirSync(join(directory, 'scripts'));
    for (const script of scripts) writeFileSync(join(directory, 'scripts', script), '', { mode: 0o700 });
    for (const [name, content] of parts) {
      if (name === 'result') continue;
      if (content === 'missing\n') rmSync(join(directory, name));
      else writeFileSync(join(directory, name), content);
    }
    const result = await checked(directory);
    if (rewrite) writeFileSync(path, `${text.slice(0, text.indexOf('-- result --\n'))}-- result --\n${result}`);
    t.is(result, rewrite ? result : (parts.get('result') ?? ''));
  });
}
