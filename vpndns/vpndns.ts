#!/usr/bin/env node
/** The command `vpndns`: arguments, signals, exit codes. What it runs is `serve.ts`, `explain.ts` and `import.ts`. */
import { ConfigError, drawMistake, LifecycleError, messageOf, OperationalError } from '../core/errors.js';
import { parseArguments, usage, type Command } from './arguments.js';
import { printExplanation } from './explain.js';
import { printImport } from './import.js';
import { check, listPlugins, serve } from './serve.js';
import { version } from './version.js';

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      return void process.stdout.write(usage);
    case 'version':
      return void process.stdout.write(`vpndns ${version}, Node.js ${process.versions.node}\n`);
    case 'plugins':
      return void process.stdout.write(listPlugins());
    case 'check':
      return void process.stdout.write(await check(command));
    case 'explain':
      return void process.stdout.write(await printExplanation(command));
    case 'import':
      return printImport(command.file, process.stdout, process.stderr);
    case 'serve':
      return serve(command);
  }
}

/** One clear line for what people can mend, a stack trace only for what we must. */
function report(error: unknown): void {
  if (error instanceof ConfigError) {
    const count = error.mistakes.length;
    process.stderr.write(`${error.mistakes.map(drawMistake).join('\n')}\nvpndns: ${count} ${count === 1 ? 'mistake' : 'mistakes'}; nothing was started\n`);
  } else if (error instanceof LifecycleError || error instanceof OperationalError || error instanceof RangeError) {
    process.stderr.write(`${messageOf(error).split('\n').map((line) => `vpndns: ${line}`).join('\n')}\n`);
  } else {
    process.stderr.write(`vpndns: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
}

try {
  await run(parseArguments(process.argv.slice(2)));
} catch (error) {
  report(error);
  process.exitCode = 1;
}
