/** A command from its arguments to its exit code. */
import { describeFailure } from './report.js';

/** Runs a command; what it throws is told on standard error and makes the exit code 1. @param args the words behind the command's name */
export async function main(program: string, run: (args: readonly string[]) => void | Promise<void>): Promise<void> {
  // Who has seen enough (`… | head`) closes the pipe: nothing is left to say, and nothing went wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(describeFailure(program, error));
    process.exitCode = 1;
  }
}
