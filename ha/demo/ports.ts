/** Ports for daemons of a test that must know each other's before they run. */
import { createServer } from 'node:net';
import { once } from 'node:events';

/** The system gives ports from 32768 on to connections that go out: one of those may be taken by the time that it is needed. */
const lowest = 20_000;
const count = 12_000;

/** Ports on which nobody listens. Processes that ask at the same time look in different places. */
export async function freePorts(wanted: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < wanted) {
    const port = lowest + ((process.pid * 97 + next++) % count);
    if (await isFree(port)) found.push(port);
  }
  return found;
}

let next = 0;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port });
    await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error as Error))]);
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
