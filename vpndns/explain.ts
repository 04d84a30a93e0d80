/** `vpndns explain`: what would happen to a query, in words. */
import { createLogger } from '../core/log.js';
import { explainQuery, textOfExplanation } from '../core/explain.js';
import { systemRuntime } from '../core/runtime.js';
import type { Command } from './arguments.js';
import { hostFor } from './hosts.js';

/** Sets the configuration up, loads what it needs to decide, and asks every plugin; no DNS packet is sent. */
export async function printExplanation(command: Extract<Command, { kind: 'explain' }>): Promise<string> {
  const { host, server } = hostFor(command, createLogger(() => undefined, systemRuntime().clock));
  try {
    return await host.examine(async (loaded) => textOfExplanation(await explainQuery(loaded, command)));
  } finally {
    server.close();
  }
}
