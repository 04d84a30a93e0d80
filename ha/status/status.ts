/** `dynvpn status` and `dynvpn events`: ask a daemon by HTTP, and show what it says. */
import { parseArgs } from 'node:util';
import { messageOf } from '../../core/errors.js';
import type { Runtime } from '../../core/runtime.js';
import { SecretFile } from '../../core/secret.js';
import { call } from '../call.js';
import { coloured, plain, statusTable, type DebugState } from './table.js';

/** What a command has of the terminal. */
export interface Terminal {
  readonly runtime: Pick<Runtime, 'clock' | 'sockets'>;
  readonly isTty: boolean;
  write(line: string): void;
  complain(line: string): void;
}

export const statusUsage = 'dynvpn status [--url http://127.0.0.1:8080] [--token FILE]';
export const eventsUsage = 'dynvpn events [--url http://127.0.0.1:8080] [--token FILE] [--follow]';

/** A site that does not answer in this time is not asked again. */
const answerMs = 5000;
/** Between two looks for new events. */
const lookMs = 1000;

interface Asking {
  readonly url: URL;
  readonly token: string | undefined;
  readonly follow: boolean;
}

interface Shown {
  readonly n: number;
  readonly time: string;
  readonly level: string;
  readonly text: string;
}

/** @returns the exit code */
export const statusCommand = (args: readonly string[], terminal: Terminal): Promise<number> =>
  run(args, false, statusUsage, terminal, async (asking) => {
    const seen = await ask<DebugState>(terminal, asking, '/debug_state');
    for (const line of statusTable(seen, terminal.isTty ? coloured : plain)) terminal.write(line);
  });

/** With `--follow` it ends when the process does, or the daemon. @returns the exit code */
export const eventsCommand = (args: readonly string[], terminal: Terminal): Promise<number> =>
  run(args, true, eventsUsage, terminal, async (asking) => {
    let last = 0;
    do {
      const { events } = await ask<{ readonly events: readonly Shown[] }>(terminal, asking, `/events?since=${last}`);
      for (const event of events) terminal.write(lineOf(event, terminal.isTty));
      last = events.at(-1)?.n ?? last;
      if (asking.follow) await new Promise<void>((resolve) => terminal.runtime.clock.after(lookMs, resolve));
    } while (asking.follow);
  });

function lineOf({ time, level, text }: Shown, isTty: boolean): string {
  const paint = isTty ? coloured : plain;
  const word = level === 'error' ? paint('error', 'red') : level === 'warning' ? paint('warning', 'yellow') : level;
  return `${paint(time, 'dim')} ${word} ${text}`;
}

async function run(args: readonly string[], mayFollow: boolean, usage: string, terminal: Terminal, body: (asking: Asking) => Promise<void>): Promise<number> {
  let asking: Asking;
  try {
    asking = await readArguments(args, mayFollow);
  } catch (error) {
    terminal.complain(`${messageOf(error)}\nusage: ${usage}`);
    return 2;
  }
  try {
    await body(asking);
    return 0;
  } catch (error) {
    terminal.complain(`${asking.url.origin}: ${messageOf(error)}`);
    return 1;
  }
}

async function readArguments(args: readonly string[], mayFollow: boolean): Promise<Asking> {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string', default: 'http://127.0.0.1:8080' }, token: { type: 'string' }, ...(mayFollow && { follow: { type: 'boolean' } }) },
  });
  const { url, token, follow = false } = values as { readonly url: string; readonly token?: string; readonly follow?: boolean };
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new Error(`'${url}' is no URL of a daemon`);
  return { url: new URL(url), token: token === undefined ? undefined : await new SecretFile(token).read(), follow };
}

async function ask<T>({ runtime }: Terminal, { url, token }: Asking, path: string): Promise<T> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const { status, body } = await call(runtime, { method: 'GET', url: new URL(path, url), headers, timeoutMs: answerMs, answerBytes });
  const answer = JSON.parse(body) as T & { readonly error?: string; readonly message?: string };
  if (status !== 200) throw new Error(answer.error ?? answer.message ?? `status ${status}`);
  return answer;
}

/** A thousand events, or the whole state of many sites. */
const answerBytes = 16 * 1024 * 1024;
