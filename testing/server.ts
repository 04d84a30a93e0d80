/** A DNS server in a test: made from the text of a Corefile, asked without a socket, on a clock that the test moves. */
import packet, { type Answer, type RecordType } from 'dns-packet';
import { resolve } from 'node:path';
import { parseAddress } from '../core/address.js';
import type { DnsBlock } from '../core/block.js';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost } from '../core/dns.js';
import type { PluginHost, ReloadReport } from '../core/host.js';
import { createLogger, type Level } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin, Explanation } from '../core/plugin.js';
import { nameOfQuestion, Query, type Client } from '../core/query.js';
import { systemRuntime, type Runtime } from '../core/runtime.js';
import { readOpt } from '../core/wire/edns.js';
import { endOfQuestion } from '../core/wire/guard.js';
import { rcodeText } from '../core/wire/types.js';
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

export class TestServer {
  readonly clock: TestClock;
  readonly log: { readonly level: Level; readonly line: string }[] = [];
  readonly metrics = new Metrics();
  readonly host: PluginHost<DnsBlock>;
  #corefile: string;
  readonly #serve: (zones: ZoneTable, bytes: Buffer, client: Client, send: (bytes: Buffer | undefined) => void) => void;
  readonly #close: () => void;
  #id = 0;

  constructor(corefile: string, { plugins = [], clock = new TestClock(), runtime = {}, port, file = 'Corefile' }: TestServerOptions) {
    this.#corefile = corefile;
    this.clock = clock;
    const world: Runtime = { ...systemRuntime(), env: {}, ...runtime, clock };
    const all = [...builtIn, ...plugins] as readonly AnyPlugin[];
    const { host, server } = createDnsHost({
      name: 'vpndns', version: 'test', runtime: world, metrics: this.metrics, interfaces: () => new Map(),
      defaultPort: port ?? 53, silent: port === undefined,
      log: createLogger((line, level) => this.log.push({ line, level }), clock),
      read: () => readConfiguration(all, { file: resolve(file), text: this.#corefile, env: world.env }),
    });
    this.host = host;
    this.#serve = (zones, bytes, client, send) => server.serve(zones, bytes, client, send);
    this.#close = () => server.close();
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
    this.#serve(this.#zones(), bytes, clientOf(asking), answered);
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
    const block = this.#zones().find(nameOfQuestion(bytes, end));
    if (block === undefined) throw new Error(`no block serves ${name}`);
    const query = new Query(bytes, end, readOpt(bytes, end), nameOfQuestion(bytes, end), clientOf(asking), block, this.clock.now());
    const seats = block.host.seats.filter((seat) => seat.block === block);
    const explanations = await Promise.all(seats.map(({ instance }) => instance.explain?.(query)));
    return seats.flatMap(({ definition }, i) => (explanations[i] === undefined ? [] : [{ ...explanations[i], plugin: definition.name }]));
  }

  async stop(): Promise<void> {
    await this.host.stop();
    this.#close();
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

  #zones(): ZoneTable {
    return ZoneTable.over((this.host.current?.blocks ?? []) as DnsBlock[]);
  }
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
