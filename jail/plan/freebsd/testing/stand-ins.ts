/**
 * The stand-ins as programs, for scripts: each says over a pipe what it was called with, and gets its exit code and output back. They are asked one
 * after the other, as a script asks them. Node.js would take a hundred times as long to start as a shell does, and a plan has a thousand commands.
 */
import { spawnSync } from 'node:child_process';
import { constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { perform, standInNames } from './machine.js';
import type { Machine } from './state.js';

export interface StandIns {
  /** What to put before everything else in PATH. */
  readonly path: string;
  /** What was asked, `JAIL: ` before what was asked in a jail. */
  readonly asked: readonly string[];
  close(): void;
}

const end = '\u001f';

const program = (directory: string): string => `#!/bin/sh
{ printf '%s${end}' "\${STAND_IN_JAIL-}" "\${0##*/}" "$@"; echo; } >${directory}/question
{ read -r code; cat; } <${directory}/answer
exit "$code"
`;

/** It asks whether there is such a jail, and then runs what it is to run where the others know in which jail they are. */
const jexec = `#!/bin/sh
jls -j "$1" jid >/dev/null || exit 1
STAND_IN_JAIL=$1
export STAND_IN_JAIL
shift
name=\${1##*/}
shift
exec "$name" "$@"
`;

/** The real one, but for owners that this machine does not have. */
const install = `#!/bin/sh
for word do
  shift
  case $word in -o | -g) skip=yes ;; *) [ "\${skip-}" = yes ] || set -- "$@" "$word"; skip=no ;; esac
done
exec /usr/bin/install "$@"
`;

const id = '#!/bin/sh\necho 0\n';

export function createStandIns(directory: string, machine: Machine): StandIns {
  const path = `${directory}/bin`;
  mkdirSync(path, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(`${path}/${name}`, text, { mode: 0o755 });
  for (const name of standInNames) write(name, program(directory));
  for (const [name, text] of Object.entries({ jexec, install, id })) write(name, text);
  for (const pipe of ['question', 'answer']) {
    if (spawnSync('mkfifo', [`${directory}/${pipe}`]).status !== 0) throw new Error('there is no mkfifo');
  }
  const asked: string[] = [];
  const questions = new Socket({ fd: openSync(`${directory}/question`, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
  let text = '';
  questions.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (!text.endsWith('\n')) return;
    const [jail = '', ...argv] = text.slice(0, -1).split(end).slice(0, -1);
    text = '';
    asked.push(`${jail === '' ? '' : `${jail}: `}${argv.join(' ')}`);
    const { code, output } = perform(machine, jail === '' ? undefined : jail, argv);
    void writeFile(`${directory}/answer`, `${code}\n${output}`);
  });
  return { path, asked, close: () => void questions.destroy() };
}
