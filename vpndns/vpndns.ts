#!/usr/bin/env node
/** The command `vpndns`. What it runs is `serve.ts`, `explain.ts` and `import.ts`. */
import { main } from '../core/command/main.js';
import { listPlugins } from '../core/command/serve.js';
import { version } from '../core/command/version.js';
import { plugins } from '../plugins/index.js';
import { parseArguments, usage } from './arguments.js';
import { printExplanation } from './explain.js';
import { check, serveDns } from './serve.js';

await main('vpndns', async (args) => {
  const command = parseArguments(args);
  switch (command.kind) {
    case 'help':
      return void process.stdout.write(usage);
    case 'version':
      return void process.stdout.write(`vpndns ${version}, Node.js ${process.versions.node}\n`);
    case 'plugins':
      return void process.stdout.write(listPlugins(plugins));
    case 'check':
      return void process.stdout.write(await check(command));
    case 'explain':
      return void process.stdout.write(await printExplanation(command));
    case 'import':
      // What reads YAML is no part of a server that runs.
      return (await import('./import.js')).printImport(command.file, process.stdout, process.stderr);
    case 'serve':
      return serveDns(command);
  }
});
