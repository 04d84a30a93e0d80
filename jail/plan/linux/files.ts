/** Files and directories. */
import { basename, dirname } from 'node:path';
import type { RenderedFile } from '../../files/file.js';
import type { Step } from '../step.js';
import { clear, command, shell } from './commands.js';

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** A file with this text; made anew when it differs. */
export function fileStep(part: string, path: string, text: string, mode: number, owner?: string): Step {
  return {
    part, title: `${part}: the file ${path}`,
    test: [{ argv: ['cmp', '-s', '-', path], input: text }],
    // Nobody reads it before it is only for those who may.
    make: [
      command('install', '-D', '-m', octal(mode), ...(owner === undefined ? [] : ['-o', owner, '-g', owner]), '/dev/null', path),
      { argv: ['dd', `of=${path}`, 'status=none'], input: text },
    ],
    undo: [command('rm', '-f', path)],
  };
}

/** A file that was rendered from the site. */
export const renderedStep = (part: string, directory: string, { path, text, mode, owner }: RenderedFile): Step =>
  fileStep(part, `${directory}/${path}`, text, mode, owner);

/** A link in a directory to a file that stays where it is. */
export function linkStep(part: string, file: string, directory: string): Step {
  const link = `${directory}/${basename(file)}`;
  return {
    part, title: `${part}: ${file}, where its daemon looks for it`,
    test: [command('test', link, '-ef', file)],
    make: [command('mkdir', '-p', directory), command('ln', '-s', '-f', file, link)],
    undo: [command('rm', '-f', link)],
  };
}

/** Tells our directory from one that somebody keeps other things in. */
const mark = '.vpnjail';

/** The directory for everything that goes with `down`. It is only taken when it is new, and only removed when it was. */
export function runDirectoryStep(part: string, directory: string): Step {
  const marker = `${directory}/${mark}`;
  return {
    part, title: `${part}: the directory ${directory}, for files, process ids and logs`,
    test: [command('test', '-e', marker)],
    make: [
      clear('rmdir', directory),
      command('mkdir', '-p', dirname(directory)),
      command('mkdir', '-m', '0755', directory),
      command('mkdir', `${directory}/pid`, `${directory}/log`),
      command('install', '-m', '0644', '/dev/null', marker),
    ],
    undo: [command(...shell('[ ! -e "$2" ] || rm -r "$1"', directory, marker)), clear('rmdir', dirname(directory))],
  };
}

/** Directories for what must outlive everything else: they stay, unless they are empty. @param parent the one that all are in */
export const stateDirectoriesStep = (part: string, parent: string, directories: readonly [string, ...string[]]): Step => ({
  part, title: `${part}: directories in ${parent}, for what must outlive it`,
  test: directories.map((directory) => command('test', '-d', directory)),
  make: [command('install', '-d', '-m', '0700', ...directories)],
  undo: [clear('rmdir', ...directories), clear('rmdir', parent), clear('rmdir', dirname(parent))],
  purge: [command('rm', '-r', '-f', parent), clear('rmdir', dirname(parent))],
});

/** A directory that a daemon writes to as another user. */
export const ownedDirectoryStep = (part: string, directory: string, owner: string): Step => ({
  part, title: `${part}: the directory ${directory}, for the user ${owner}`,
  test: [{ argv: ['find', directory, '-maxdepth', '0', '-user', owner], prints: directory }],
  make: [command('install', '-d', '-m', '0750', '-o', owner, '-g', owner, directory)],
  undo: [command('rm', '-r', '-f', directory)],
});
