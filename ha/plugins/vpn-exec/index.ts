import { ConfigError } from '../../../core/errors.js';
import { fields, many, one, required } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import type { Target, WorkKind } from '../../hooks.js';
import { program, template, type Template } from '../../placeholders.js';
import { commandDriver, whyNotExecutable } from '../../process/driver.js';

/** A line with a command: a program and its arguments. */
const command = () => fields({ command: one(program()), arguments: many(template('ARGUMENT'), { min: 0 }) });

const argvOf = ({ command: program, arguments: words }: { readonly command: Template; readonly arguments: readonly Template[] }, target: Target): string[] =>
  [program, ...words].map((word) => word(target));

/** What each line does. */
const kinds = { probe: 'probe', online: 'start', offline: 'stop', check: 'check' } as const satisfies Record<string, WorkKind>;

export default defineHaPlugin({
  name: 'vpn-exec',
  properties: { probe: required(command()), online: required(command()), offline: required(command()), check: command() },
  setup(options, { block, host, mistake }) {
    const mistakes: ConfigError[] = [];
    const { probe, offline } = options;
    block.hooks.ending.session.tap('vpn-exec', (target) => ({
      commands: [argvOf(offline, target)], still: { command: argvOf(probe, target), pattern: '', absenceFails: true },
    }));
    for (const property of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const line = options[property];
      if (line === undefined) continue;
      block.hooks.work[kinds[property]].tap('vpn-exec', commandDriver(host, (order) => argvOf(line, order)));
      const problem = whyNotExecutable(line.command.source, host.runtime.env['PATH']);
      if (problem !== undefined) mistakes.push(mistake(problem, line.at));
    }
    if (mistakes.length > 0) throw new ConfigError(mistakes.flatMap((error) => error.mistakes));
  },
});
