/** A DNS server in a test: made from the text of a Corefile, asked without a socket, on a clock that the test moves. */
import packet, { type Answer, type RecordType } from 'dns-packet';
import { resolve } from 'node:path';
import { parseAddress } from '../core/address.js';
import type { DnsBlock } from '../core/block.js';
import { readConfiguration } from '../core/configuration.js';
import { recorded } from '../core/corefile/index.js';
import { createDnsHost, type DnsHost, type DnsHostOptions } from '../core/dns.js';
import type { PluginHost, ReloadReport } from '../core/host.js';
import { createLogger, type Level } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin, ApiResult, Explanation } from '../core/plugin.js';
import { nameOfQuestion, Query, type Client } from '../core/query.js';
import { systemRuntime, type Machine, type Runtime } from '../core/runtime.js';
import { readOpt } from '../core/wire/edns.js';
import { endOfQuestion } from '../core/wire/guard.js';
import { rcodeText } from '../core/wire/types.js';
import { carryOut, Member, type Thread } from '../core/workers/index.js';
import { ZoneTable } from '../core/zones.js';
import { plugins as builtIn } from '../plugins/index.js';
import { TestClock } from './clock.js';
import { wireMessage, wireOpt, wireQuestion } from './wire.js';

export interface TestServerOptions {
  /** Plugins beside the built-in ones; they act last. */
  readonly plugins?: readonly AnyPlugin<DnsBlock>[];
  readonly clock?: TestClock;
  /** Parts of the world that the test replaces. */
  readonly runtime?: Partial<Runtime>;
  /** Listens at this port, on what the Corefile binds; without it the server has no sockets for clients. */
  readonly port?: number;
  /** The path that the Corefile seems to have; relative paths in it count from its directory. */
  readonly file?: string;
}

/** How to ask. */
export interface Asking {
  /** The client's address; default 127.0.0.1. */
  readonly client?: string;
  readonly port?: number;
  readonly transport?: 'udp' | 'tcp';
  /** Sends an OPT record with this UDP size. */
  readonly edns?: number;
  readonly dnssecOk?: boolean;
  readonly checkingDisabled?: boolean;
  readonly recursionDesired?: boolean;
  /** The worker that gets it; default 0. */
  readonly worker?: number;
}

/** An answer as a test wants to see it. */
export interface TestAnswer {
  readonly rcode: string;
  /** `NAME TTL TYPE DATA` of the answer section. */
  readonly answers: readonly string[];
  readonly data: readonly unknown[];
  readonly message: packet.DecodedPacket;
  readonly bytes: Buffer;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  /** The code and the text of an extended error (RFC 8914), if any. */
  readonly error: { readonly code: number; readonly text: string } | undefined;
}

/** What every Corefile can run on. Workers of a test are hosts in its own thread. */
export const testMachine: Machine = { nodeVersion: '22.12.0', parallelism: 4, memoryBytes: 2 ** 33 };

interface OtherHost extends Pick<DnsHost, 'host' | 'server'> {
  end(reason: string): Promise<void>;
}

export class TestServer {
  readonly clock: TestClock;
  readonly log: { readonly level: Level; readonly line: string }[] = [];
  readonly metrics = new Metrics();
  readonly host: PluginHost<DnsBlock>;
  #corefile: string;
  readonly #first: DnsHost;
  readonly #others = new Map<number, OtherHost>();
  #id = 0;

  constructor(corefile: string, { plugins = [], clock = new TestClock(), runtime = {}, port, file = 'Corefile' }: TestServerOptions) {
    this.#corefile = corefile;
    this.clock = clock;
    const world: Runtime = { ...systemRuntime(), env: {}, machine: testMachine, ...runtime, clock };
    const all = [...builtIn, ...plugins] as readonly AnyPlugin[];
    const common = {
      name: 'vpndns', version: 'test', runtime: world, metrics: this.metrics, interfaces: () => new Map(),
      defaultPort: port ?? 53, silent: port === undefined,
      log: createLogger((line, level) => this.log.push({ line, level }), clock),
    };
    const { env } = world;
    this.#first = createDnsHost({
      ...common,
      read: () => readConfiguration(all, { file: resolve(file), text: this.#corefile, env }),
      spawn: (index) => this.#begin(index, (member) => ({
        ...common, member, read: () => readConfiguration(all, { file: member.text.file, env, source: recorded(member.text) }),
      })),
    });
    this.host = this.#first.host;
  }

  /** Takes another Corefile, as a reload does. */
  reload(corefile = this.#corefile): Promise<ReloadReport> {
    this.#corefile = corefile;
    return this.host.reload();
  }

  /** Sends these bytes; `undefined` when nothing comes back. */
  send(bytes: Buffer, asking: Asking = {}): Promise<Buffer | undefined> {
    return new Promise((done) => this.deliver(bytes, asking, done));
  }

  /** Sends these bytes; calls back with the answer in the very moment in which it leaves, `undefined` for silence. */
  deliver(bytes: Buffer, asking: Asking, answered: (answer: Buffer | undefined) => void): void {
    const { host, server } = asking.worker === undefined ? this.#first : this.#others.get(asking.worker)!;
    server.serve(zonesOf(host), bytes, clientOf(asking), answered);
  }

  /**
   * Makes a call of the admin API as `http-admin` does, in all workers: `POST`, `/cache/del/Aexample.org`. Throws the `ApiError` of a mistake.
   */
  call(method: 'GET' | 'POST', pathAndQuery: string): Promise<ApiResult> {
    const { pathname, searchParams } = new URL(pathAndQuery, 'http://localhost');
    const host = this.host.current!;
    for (const definition of host.configuration.plugins) {
      for (const call of definition.api ?? []) {
        const params = call.method === method ? parametersOf(call.path, pathname) : undefined;
        const request = { query: Object.fromEntries(searchParams), closing: new AbortController().signal };
        if (params !== undefined) return carryOut(host, definition, call, { params, ...request });
      }
    }
    throw new Error(`there is no call ${method} ${pathname}`);
  }

  /** Ends a worker as an exception that nobody caught would. @param index from 1 */
  kill(index: number, reason = 'killed by a test'): Promise<void> {
    return this.#others.get(index)!.end(reason);
  }

  /** Asks a question. Fails when the server is silent. */
  async ask(name: string, type: RecordType | string = 'A', asking: Asking = {}): Promise<TestAnswer> {
    const bytes = await this.send(encodeQuestion(name, type, this.#id++ & 0xffff, asking), asking);
    if (bytes === undefined) throw new Error(`no answer for ${name} ${type}`);
    return decodeAnswer(bytes);
  }

  /** What each plugin of the block says that it would do to a question, in their order of action. */
  async explain(name: string, type: RecordType | string = 'A', asking: Asking = {}): Promise<readonly (Explanation & { readonly plugin: string })[]> {
    const bytes = encodeQuestion(name, type, 0, asking);
    const end = endOfQuestion(bytes);
    const block = zonesOf(this.host).find(nameOfQuestion(bytes, end));
    if (block === undefined) throw new Error(`no block serves ${name}`);
    const query = new Query(bytes, end, readOpt(bytes, end), nameOfQuestion(bytes, end), clientOf(asking), block, this.clock.now());
    const seats = block.host.seats.filter((seat) => seat.block === block);
    const explanations = await Promise.all(seats.map(({ instance }) => instance.explain?.(query)));
    return seats.flatMap(({ definition }, i) => (explanations[i] === undefined ? [] : [{ ...explanations[i], plugin: definition.name }]));
  }

  async stop(): Promise<void> {
    await this.host.stop();
    this.#first.server.close();
  }

  /** Stops, and lets as much time pass by its clock as that takes: for what still waits for an answer. */
  async finish(): Promise<void> {
    let isOver = false;
    const stopped = this.stop().finally(() => (isOver = true));
    while (!isOver) {
      this.clock.advance(1_000);
      await new Promise(setImmediate);
    }
    await stopped;
  }

  /** Another worker, in this thread. */
  #begin(index: number, options: (member: Member) => DnsHostOptions): Thread {
    const { port1: port, port2 } = new MessageChannel();
    const metrics = new Metrics();
    const made: { dns?: DnsHost } = {};
    new Member(port2, this.clock, (member) => {
      const dns = (made.dns = createDnsHost({ ...options(member), metrics }));
      return { host: dns.host, metrics };
    });
    const { host, server } = made.dns!;
    let gone: (reason: string) => void;
    const ended = new Promise<string>((resolve) => (gone = resolve));
    const end = async (reason: string): Promise<void> => {
      port.close();
      await host.stop();
      server.close();
      if (this.#others.get(index)?.host === host) this.#others.delete(index);
      gone(reason);
    };
    this.#others.set(index, { host, server, end });
    return { port, ended, terminate: () => void end('terminated') };
  }
}

const zonesOf = ({ current }: PluginHost<DnsBlock>): ZoneTable => ZoneTable.over((current?.blocks ?? []) as DnsBlock[]);

/** The parameters that a path gives to a pattern such as `/cache/del/:key`; `undefined` when it is another path. */
function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const [names, values] = [pattern.split('/'), path.split('/')];
  if (names.length !== values.length || names.some((name, i) => !name.startsWith(':') && name !== values[i])) return undefined;
  return Object.fromEntries(names.flatMap((name, i) => (name.startsWith(':') ? [[name.slice(1), decodeURIComponent(values[i]!)]] : [])));
}

function clientOf({ client = '127.0.0.1', port = 40_000, transport = 'udp' }: Asking): Client {
  const address = parseAddress(client);
  if (address === undefined) throw new TypeError(`'${client}' is no address`);
  return { address, port, transport, local: '127.0.0.1:53' };
}

/** Starts a server. Fails with the Corefile's mistakes. */
export async function createTestServer(corefile: string, options: TestServerOptions = {}): Promise<TestServer> {
  const server = new TestServer(corefile, options);
  await server.host.start();
  return server;
}

/** Throws a RangeError for a type that there is not. */
export function encodeQuestion(name: string, type: string, id: number, asking: Asking): Buffer {
  const { edns, dnssecOk = false, checkingDisabled = false, recursionDesired = true } = asking;
  return wireMessage({
    id, flags: (recursionDesired ? packet.RECURSION_DESIRED : 0) | (checkingDisabled ? packet.CHECKING_DISABLED : 0),
    questions: [wireQuestion(name, type)],
    additionals: edns === undefined && !dnssecOk ? [] : [wireOpt([], { size: edns ?? 1232, ttl: dnssecOk ? packet.DNSSEC_OK : 0 })],
  });
}

/** Reads an answer. */
export function decodeAnswer(bytes: Buffer): TestAnswer {
  const message = packet.decode(bytes) as packet.DecodedPacket;
  const flags = bytes.readUInt16BE(2);
  const opt = message.additionals?.find((record) => record.type === 'OPT');
  const extended = (opt?.options as readonly { code: number; data: Buffer }[] | undefined)?.find(({ code }) => code === 15)?.data;
  return {
    message, bytes, truncated: (flags & packet.TRUNCATED_RESPONSE) !== 0, authoritative: (flags & packet.AUTHORITATIVE_ANSWER) !== 0,
    rcode: rcodeText((flags & 15) | (((opt as { readonly extendedRcode?: number } | undefined)?.extendedRcode ?? 0) << 4)),
    answers: (message.answers ?? []).map(textOfRecord), data: (message.answers ?? []).map((record) => (record as { data?: unknown }).data),
    error: extended && { code: extended.readUInt16BE(0), text: extended.toString('utf8', 2) },
  };
}

function textOfRecord(record: Answer): string {
  const { name, ttl, type, data } = record as { name: string; ttl?: number; type: string; data?: unknown };
  return `${name} ${ttl ?? 0} ${type} ${typeof data === 'string' ? data : JSON.stringify(data)}`;
}
