/** A server in front of a scripted upstream, with files beside its Corefile: for tests that need no socket. */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestServer, ScriptedUpstream, type TestServer, type TestServerOptions } from '../../testing/index.js';

export interface World {
  readonly server: TestServer;
  readonly upstream: ScriptedUpstream;
}

export interface WorldOptions extends TestServerOptions {
  /** By their names. */
  readonly files?: Readonly<Record<string, string>>;
  /** As `ScriptedUpstream.plugin` takes them: `10.1.=one`. */
  readonly routes?: string;
}

/** Starts it; it ends with the test. @param directives of its one block */
export async function startWorld(t: ExecutionContext, directives: string, { files = {}, routes = '', ...options }: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'conformance-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const upstream = new ScriptedUpstream();
  const corefile = `. {\n${directives}\nscripted ${routes}\n}`;
  const server = await createTestServer(corefile, { ...options, plugins: [upstream.plugin], file: join(directory, 'Corefile') });
  t.teardown(async () => {
    await server.finish();
    rmSync(directory, { recursive: true });
  });
  return { server, upstream };
}
