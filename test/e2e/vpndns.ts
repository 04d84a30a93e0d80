/** The server as its users run it: a process, a Corefile, a port. */
import type { ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directoryOf, freePort, run, Running, type Result } from './process.js';

const command = fileURLToPath(new URL('../../vpndns/vpndns.js', import.meta.url));

export class Vpndns extends Running {
  readonly port: number;
  readonly corefile: string;

  constructor(t: ExecutionContext, port: number, corefile: string, env: Readonly<Record<string, string>>) {
    super(t, process.execPath, [command, '--conf', corefile, '--port', String(port)], env);
    this.port = port;
    this.corefile = corefile;
  }

  /** Replaces the configuration; it acts after the next reload. */
  configure(text: string): void {
    writeFileSync(this.corefile, text);
  }
}

/** Starts a server on 127.0.0.1 (and wherever the Corefile says) and waits until it serves. */
export async function startVpndns(t: ExecutionContext, text: string, env: Readonly<Record<string, string>> = {}): Promise<Vpndns> {
  const corefile = join(directoryOf(t), 'Corefile');
  writeFileSync(corefile, text);
  const server = new Vpndns(t, await freePort(), corefile, env);
  await server.prints(/ is ready/);
  return server;
}

/** Runs the command to its end, for configurations that don't start. */
export async function runVpndns(t: ExecutionContext, text: string, port: number): Promise<Result> {
  const corefile = join(directoryOf(t), 'Corefile');
  writeFileSync(corefile, text);
  return run(process.execPath, [command, '--conf', corefile, '--port', String(port)]);
}
