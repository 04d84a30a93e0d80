#!/usr/bin/env node
/** The command `vpnjail`. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { main } from '../core/command/main.js';
import { version } from '../core/command/version.js';
import { OperationalError } from '../core/errors.js';
import { isExecutable } from '../core/process/executable.js';
import { systemRuntime } from '../core/runtime.js';
import { parseArguments, usage, type Command } from './arguments.js';
import { drawSite } from './diagram/diagram.js';
import { backEnds } from './plan/index.js';
import { scriptOf } from './plan/script.js';
import { stepsFor, stepsOf } from './plan/step.js';
import { down, status, up } from './run/carry.js';
import { checkMachine, type Machine } from './run/check.js';
import { performer, searchPath, type World } from './run/world.js';
import { jsonSchemas, readSite, type FileFacts, type Platform, type Site } from './site/index.js';

const runtime = systemRuntime();

function print(text: string): void {
  process.stdout.write(text);
}

/** @param whole whether the files that it names must be there */
function read(file: string, whole: boolean, platform?: Platform): Site {
  return readSite(file, (path) => readFileSync(path, 'utf8'), { ...(whole && { lookAtFile }), ...(platform !== undefined && { platform }) });
}

function lookAtFile(path: string): FileFacts | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { isDirectory: stats.isDirectory(), mode: stats.mode & 0o7777 };
}

const describe = ({ name, file, vpnContainers, services, links, platform }: Site): string =>
  `${file}: ${name} on ${platform}, with ${count(vpnContainers, 'VPN')}, ${count(services, 'service')} and ${count(links, 'other site')},`;

const count = ({ length }: readonly unknown[], word: string): string => `${length} ${word}${length === 1 ? '' : 's'}`;

const planText = (site: Site): string => scriptOf(backEnds[site.platform].plan(site),
  `${site.name}: what \`vpnjail up\` does, from ${site.file}. Secrets are not in it, only where they are.`);

function render(site: Site, directory: string): void {
  for (const { path, mode, text } of backEnds[site.platform].files(site)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    print(`${file}\n`);
  }
}

async function carry(command: Extract<Command, { kind: 'up' | 'down' | 'status' }>): Promise<void> {
  const site = read(command.site, command.kind === 'up');
  const plan = backEnds[site.platform].plan(site);
  const { container } = command;
  const steps = command.kind === 'up' ? stepsFor(plan, container) : stepsOf(plan, container);
  if (container !== undefined && stepsOf(plan, container).length === 0) throw new OperationalError(`${site.file} has no container ${container}`);
  checkMachine(steps, site.platform, machine);
  const world: World = { perform: performer(runtime), tell: (line) => print(`${line}\n`), now: () => runtime.clock.now() };
  const good = command.kind === 'up' ? await up(plan, container, world, interrupt())
    : command.kind === 'down' ? await down(plan, container, command.purge, world)
    : await status(plan, container, world);
  if (!good) process.exitCode = 1;
}

/** Aborted by the first SIGINT or SIGTERM. */
function interrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort(new Error(name)));
  return controller.signal;
}

const searched = searchPath(runtime.env).split(delimiter);
const machine: Machine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  has: (program) => (program.includes('/') ? [program] : searched.map((directory) => join(directory, program))).some(isExecutable),
};

await main('vpnjail', async (args) => {
  const command = parseArguments(args);
  switch (command.kind) {
    case 'help':
      return print(usage);
    case 'version':
      return print(`vpnjail ${version}, Node.js ${process.versions.node}\n`);
    case 'schema':
      return print(`${JSON.stringify(jsonSchemas()[command.which], undefined, 2)}\n`);
    case 'check':
      return print(`${describe(read(command.site, true))} is in order\n`);
    case 'diagram':
      return print(drawSite(read(command.site, false)));
    case 'plan':
      return print(planText(read(command.site, false, command.platform)));
    case 'render':
      return render(read(command.site, false, command.platform), command.directory);
    case 'up': case 'down': case 'status':
      return carry(command);
  }
});
