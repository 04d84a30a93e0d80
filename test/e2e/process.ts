/** Processes of a test: they end with it, and what they print is kept. */
import type { ExecutionContext } from 'ava';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathOf } from '../../bench/programs.js';

/** Far more than anything here takes: a test that waits so long has failed. */
const patienceMs = 20_000;
const glanceMs = 20;

/** Which Debian package brings a program. */
const packages = {
  'dig': 'bind9-dnsutils', 'kdig': 'knot-dnsutils', 'drill': 'ldnsutils', 'dnsperf': 'dnsperf', 'unbound': 'unbound', 'dnsmasq': 'dnsmasq-base',
  'socat': 'socat', 'systemd-notify': 'systemd', 'ip': 'iproute2', 'vtysh': 'frr', 'charon-systemd': 'charon-systemd', 'swanctl': 'strongswan-swanctl',
} as const;
export type Program = keyof typeof packages;

/**
 * Whether a test has what it needs. If not it says so and passes; in CI, where everything is installed, it fails.
 */
export function has(t: ExecutionContext, ...programs: readonly Program[]): boolean {
  const missing = programs.filter((program) => pathOf(program) === undefined).map((program) => `${program} (Debian: ${packages[program]})`);
  return missing.length === 0 || lacks(t, `${missing.join(', ')} is missing`);
}

/** The same for what only root may do. */
export const isRoot = (t: ExecutionContext): boolean => process.getuid?.() === 0 || lacks(t, 'this is not root');

function lacks(t: ExecutionContext, why: string): false {
  const what = `not tested: ${why}`;
  if (process.env['CI'] === 'true') t.fail(what);
  else t.pass(what);
  t.log(what);
  return false;
}

/** A directory that goes with the test. */
export function directoryOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vpndns-e2e-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A port that is free for UDP and for TCP on 127.0.0.1. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = createSocket('udp4');
    try {
      socket.bind(port, '127.0.0.1');
      await once(socket, 'listening');
      return port;
    } catch {
      // The UDP port is somebody's: try another.
    } finally {
      socket.close();
      server.close();
    }
  }
}

/** What a program that ends by itself said. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export const run = (program: Program | typeof process.execPath, args: readonly string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(pathOf(program) ?? program, args, { timeout: patienceMs }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });

/** A process that runs until it is told to stop, or until its test ends. */
export class Running {
  readonly #child: ChildProcess;
  #output = '';

  constructor(t: ExecutionContext, program: Program | typeof process.execPath, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(pathOf(program) ?? program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    t.teardown(async () => {
      if (!this.#ended) this.#child.kill('SIGKILL');
      await this.ended();
    });
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until something is so; fails when the process ends first. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    return until(async () => {
      if (await holds()) return true;
      if (this.#ended) throw new Error(`it ended before ${what}:\n${this.#output}`);
      return false;
    }, () => `${what}:\n${this.#output}`);
  }

  /** Waits until it has printed something. */
  prints(what: RegExp): Promise<void> {
    return this.until(() => what.test(this.#output), `it printed ${String(what)}`);
  }

  /** Waits for its end; returns its exit code, or −1 when a signal ended it. */
  async ended(): Promise<number> {
    if (!this.#ended) await once(this.#child, 'exit');
    return this.#child.exitCode ?? -1;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>, what: () => string, patience = patienceMs): Promise<void> {
  for (const deadline = Date.now() + patience; !(await holds()); await pause(glanceMs)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what()}`);
  }
}
