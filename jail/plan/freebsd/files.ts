/** Files, directories, and what is mounted in jails. */
import { dirname } from 'node:path';
import type { RenderedFile } from '../../files/file.js';
import type { Step } from '../step.js';
import { clear, command, prints } from './commands.js';

const octal = (mode: number): string => mode.toString(8);

/** Writes its input to a file that has its mode from the beginning (install(1) knows /dev/null; no pipe). */
const write = (path: string, text: string, mode: number): Step['make'] =>
  [command('install', '-m', octal(mode), '/dev/null', path), { ...command('tee', path), input: text }];

/** A rendered file below a directory that is there. */
export const renderedStep = (part: string, directory: string, { path, text, mode }: RenderedFile): Step => ({
  part, title: `${part}: the file ${directory}/${path}`,
  test: [{ ...command('cmp', '-s', '-', `${directory}/${path}`), input: text }],
  make: write(`${directory}/${path}`, text, mode),
  undo: [command('rm', '-f', `${directory}/${path}`)],
});

/** A file of the host, copied into a jail. It goes with the jail's data set. */
export const copyStep = (part: string, from: string, to: string, mode: number): Step => ({
  part, title: `${part}: ${to}, a copy of ${from}`,
  test: [command('cmp', '-s', from, to)],
  make: [command('install', '-m', octal(mode), from, to)],
  undo: [command('rm', '-f', to)],
});

/** Files of the host that a jail sees under the same path: copies, for their neighbours are nobody's business there. */
export function filesOfHost(part: string, root: string, paths: readonly (string | undefined)[], mode = 0o600): readonly Step[] {
  const wanted = paths.filter((path) => path !== undefined);
  return [
    ...[...new Set(wanted.map((path) => dirname(path)))].map((parent) => parentStep(part, `${root}${parent}`)),
    ...wanted.map((path) => copyStep(part, path, `${root}${path}`, mode)),
  ];
}

const parentStep = (part: string, path: string): Step =>
  ({ part, title: `${part}: the directory ${path}`, test: [command('test', '-d', path)], make: [command('mkdir', '-p', path)], undo: [] });

/** Directories that go with `down`, when they are empty. @param paths each below those before it, or on its own */
export const directoriesStep = (part: string, purpose: string, paths: readonly string[]): Step => ({
  part, title: `${part}: directories ${purpose}`,
  test: paths.map((path) => command('test', '-d', path)),
  make: paths.map((path) => command('install', '-d', '-m', '755', path)),
  undo: paths.toReversed().map((path) => clear('rmdir', path)),
});

/** A directory for what must outlive the rest: it stays until `down --purge`. @param owner a number, for it is the jail that knows the name */
export function stateStep(part: string, path: string, owner: number): Step {
  const parents = [dirname(dirname(path)), dirname(path)];
  return {
    part, title: `${part}: ${path}, for what must outlive it`,
    test: [command('test', '-d', path)],
    make: [
      ...parents.map((parent) => command('install', '-d', '-m', '755', parent)),
      command('install', '-d', '-m', '750', '-o', String(owner), '-g', String(owner), path),
    ],
    undo: [],
    purge: [command('rm', '-r', '-f', path), ...parents.toReversed().map((parent) => clear('rmdir', parent))],
  };
}

/** A directory of the host that a jail sees under the same path (mount_nullfs(8)). */
export function mountStep(part: string, root: string, path: string, options: readonly string[] = ['-o', 'ro']): Step {
  const target = `${root}${path}`;
  return {
    part, title: `${part}: ${path}, as the host has it`,
    test: [prints(` on ${target} (`, 'mount', '-t', 'nullfs')],
    make: [command('mkdir', '-p', target), command('mount', '-t', 'nullfs', ...options, path, target)],
    undo: [command('umount', target)],
  };
}

