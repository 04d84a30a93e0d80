/** What a command says when it fails. */
import { ConfigError, drawMistake, LifecycleError, messageOf, OperationalError } from '../errors.js';

/** One clear line for what people can mend, a stack trace only for what we must. @param program the word before each line */
export function describeFailure(program: string, error: unknown): string {
  if (error instanceof ConfigError) {
    const count = error.mistakes.length;
    return `${error.mistakes.map(drawMistake).join('\n')}\n${program}: ${count} ${count === 1 ? 'mistake' : 'mistakes'}; nothing was started\n`;
  }
  if (error instanceof LifecycleError || error instanceof OperationalError || error instanceof RangeError) {
    return `${messageOf(error).split('\n').map((line) => `${program}: ${line}`).join('\n')}\n`;
  }
  return `${program}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}
