/** Configurations in files and READMEs, held against the plugins that there are. */
import { readFileSync } from 'node:fs';
import { parseAddress, type Address } from '../core/address.js';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost } from '../core/dns.js';
import type { Host } from '../core/host.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin } from '../core/plugin.js';
import { systemRuntime } from '../core/runtime.js';
import { plugins } from '../plugins/index.js';
import { TestClock, testMachine } from '../testing/index.js';

/** Interfaces that examples may name. */
const interfaces = (): ReadonlyMap<string, readonly Address[]> =>
  new Map([['lo', [parseAddress('127.0.0.1')!]], ['eth0', [parseAddress('192.0.2.1')!]], ['wg0', [parseAddress('10.0.0.1')!]]]);

/**
 * Sets a configuration up as `--check` does: nothing is opened.
 * @param file where it stands, or seems to stand; what it names counts from there
 * @throws ConfigError with its mistakes
 */
export async function check(file: string, text = readFileSync(file, 'utf8')): Promise<Host> {
  const clock = new TestClock();
  const runtime = { ...systemRuntime(), clock, env: {}, machine: testMachine };
  const { host, server } = createDnsHost({
    name: 'vpndns', version: 'test', runtime, log: createLogger(() => undefined, clock), metrics: new Metrics(), defaultPort: 53, interfaces,
    read: () => readConfiguration(plugins as readonly AnyPlugin[], { file, text, env: {} }),
  });
  try {
    return await host.check();
  } finally {
    server.close();
  }
}

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** The blocks of code in a Markdown text. */
export const codeOf = (text: string): CodeBlock[] =>
  [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({ language, text: code }));

/** An example that is one directive stands in a block of its own; what begins with an address is whole. */
export function wholeCorefile(example: string): string {
  const [first = ''] = example.trim().split(/\s/);
  return plugins.some(({ name }) => name === first) ? `. {\n${example}}\n` : example;
}
