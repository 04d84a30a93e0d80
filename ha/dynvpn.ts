#!/usr/bin/env node
/** The command `dynvpn`. What it runs is `serve.ts`. */
import { main } from '../core/command/main.js';
import { listPlugins } from '../core/command/serve.js';
import { systemRuntime } from '../core/runtime.js';
import { version } from '../core/command/version.js';
import { parseArguments, usage } from './arguments.js';
import { plugins } from './plugins/index.js';
import { check, serveHa } from './serve.js';
import { eventsCommand, statusCommand, type Terminal } from './status/status.js';

const terminal: Terminal = {
  runtime: systemRuntime(),
  isTty: process.stdout.isTTY === true,
  write: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`dynvpn: ${line}\n`),
};

await main('dynvpn', async (args) => {
  const command = parseArguments(args);
  switch (command.kind) {
    case 'help':
      return void process.stdout.write(usage);
    case 'version':
      return void process.stdout.write(`dynvpn ${version}, Node.js ${process.versions.node}\n`);
    case 'plugins':
      return void process.stdout.write(listPlugins(plugins));
    case 'check':
      return void process.stdout.write(await check(command, (line) => void process.stderr.write(line)));
    case 'status':
      return void (process.exitCode = await statusCommand(command.args, terminal));
    case 'events':
      return void (process.exitCode = await eventsCommand(command.args, terminal));
    case 'serve':
      return serveHa(command);
  }
});
