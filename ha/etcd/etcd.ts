/**
 * The few calls of etcd v3 that a lease needs, over its JSON gateway (etcd's `Documentation/dev-guide/api_grpc_gateway.md`): keys and values in
 * base64, 64-bit numbers as strings, fields that are 0 left out. Every call has a deadline; the endpoints are tried one after another,
 * beginning with the one that answered last.
 */
import { messageOf } from '../../core/errors.js';
import type { Clock, Sockets } from '../../core/runtime.js';
import { call, type Calling } from '../call.js';

export interface EtcdOptions {
  /** `http://` or `https://`, without a path. */
  readonly urls: readonly URL[];
  readonly runtime: { readonly clock: Clock; readonly sockets: Sockets };
  /** For one endpoint; the caller's deadline holds for all of them together. */
  readonly timeoutMs: number;
  readonly tls?: NonNullable<Calling['tls']>;
}

/** A lease that etcd has granted or renewed. */
export interface Granted {
  readonly lease: string;
  /** What etcd promises, counted from some moment after `sentAt`; 0: the lease is gone. */
  readonly ttlMs: number;
  /** When the request that was answered left, on our clock. */
  readonly sentAt: number;
}

/** A key as etcd has it. */
export interface Entry {
  readonly value: string;
  /** The lease with which it goes; '0' for none. */
  readonly lease: string;
  /** The revision of etcd's store at which it came into being: it only grows. */
  readonly createRevision: number;
}

type Json = Readonly<Record<string, unknown>>;

/** etcd has answered, and said no. Another endpoint would say the same. */
export class EtcdRefusal extends Error {
  override readonly name = 'EtcdRefusal';
}

export class Etcd {
  readonly #options: EtcdOptions;
  #first = 0;

  constructor(options: EtcdOptions) {
    this.#options = options;
  }

  /** @param deadline on our clock */
  async grant(ttlSeconds: number, deadline: number): Promise<Granted> {
    const { reply, sentAt } = await this.#call('lease/grant', { TTL: ttlSeconds }, deadline);
    return { lease: textOf(reply['ID']), ttlMs: numberOf(reply['TTL']) * 1000, sentAt };
  }

  async keepAlive(lease: string, deadline: number): Promise<Granted> {
    const { reply, sentAt } = await this.#call('lease/keepalive', { ID: lease }, deadline);
    return { lease, ttlMs: numberOf(asObject(reply['result'])['TTL']) * 1000, sentAt };
  }

  /** Ends a lease and deletes its keys. A lease that is gone is no mistake. */
  async revoke(lease: string, deadline: number): Promise<void> {
    try {
      await this.#call('lease/revoke', { ID: lease }, deadline);
    } catch (error) {
      if (!(error instanceof EtcdRefusal && /lease not found/i.test(error.message))) throw error;
    }
  }

  /**
   * Creates a key that goes with the lease, unless it exists; returns it as it is then, whoever made it. A call whose outcome was lost may be
   * repeated: it then finds what it has made.
   */
  async create(key: string, value: string, lease: string, deadline: number): Promise<Entry> {
    const { reply } = await this.#call('kv/txn', {
      compare: [{ key: encode(key), target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
      success: [{ request_put: { key: encode(key), value: encode(value), lease } }],
      failure: [{ request_range: { key: encode(key) } }],
    }, deadline);
    if (reply['succeeded'] === true) return { value, lease, createRevision: numberOf(asObject(reply['header'])['revision']) };
    const [response] = asArray(reply['responses']);
    const found = entryOf(asObject(asObject(response)['response_range']));
    if (found === undefined) throw new Error('etcd neither made the key nor has it');
    return found;
  }

  /** The key, by a read that sees everything written before it; `undefined` if there is none. */
  async read(key: string, deadline: number): Promise<Entry | undefined> {
    return entryOf((await this.#call('kv/range', { key: encode(key) }, deadline)).reply);
  }

  async #call(path: string, body: object, deadline: number): Promise<{ readonly reply: Json; readonly sentAt: number }> {
    const { urls, runtime, timeoutMs, tls } = this.#options;
    const failures: string[] = [];
    for (let i = 0; i < urls.length; i++) {
      const place = (this.#first + i) % urls.length;
      const sentAt = runtime.clock.now();
      if (sentAt >= deadline) break;
      try {
        const url = new URL(`/v3/${path}`, urls[place]!);
        const answer = await call(runtime, {
          method: 'POST', url, body: JSON.stringify(body), timeoutMs: Math.min(timeoutMs, deadline - sentAt),
          headers: { 'Content-Type': 'application/json' }, ...(tls !== undefined && { tls }),
        });
        const reply = replyOf(answer.status, answer.body);
        this.#first = place;
        return { reply, sentAt };
      } catch (error) {
        if (error instanceof EtcdRefusal) throw error;
        failures.push(`${urls[place]!.host}: ${messageOf(error)}`);
      }
    }
    throw new Error(`etcd: ${path}: ${failures.join('; ') || 'no time left'}`);
  }
}

/** Codes of gRPC that say "not now, not here" rather than "no": another endpoint, or another time, may do better. */
const passing = new Set([1, 2, 4, 8, 10, 13, 14]);

/** The body of an answer that says yes. Throws an `EtcdRefusal` for a no, another error for "ask elsewhere". */
function replyOf(status: number, body: string): Json {
  const reply = asObject(JSON.parse(body));
  const nested = reply['error'];
  const { message = nested, code, grpc_code: inner = code } = typeof nested === 'object' && nested !== null ? asObject(nested) : reply;
  if (status === 200 && nested === undefined) return reply;
  const text = typeof message === 'string' ? message : `status ${status}`;
  throw typeof inner === 'number' && !passing.has(inner) ? new EtcdRefusal(text) : new Error(text);
}

function entryOf(range: Json): Entry | undefined {
  const [kv] = asArray(range['kvs']);
  if (kv === undefined) return undefined;
  const { value, lease = '0', create_revision: revision } = asObject(kv);
  return { value: Buffer.from(typeof value === 'string' ? value : '', 'base64').toString(), lease: textOf(lease), createRevision: numberOf(revision) };
}

const encode = (text: string): string => Buffer.from(text).toString('base64');

const asObject = (value: unknown): Json => {
  if (typeof value !== 'object' || value === null) throw new Error('etcd answered something else than an object');
  return value as Json;
};

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A 64-bit number as the gateway writes it, where its digits matter. */
function textOf(value: unknown): string {
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) throw new Error('etcd answered without a number that it owes');
  return value;
}

/** A 64-bit number as the gateway writes it, where its size matters; 0 when left out. */
function numberOf(value: unknown): number {
  const number = value === undefined ? 0 : Number(value);
  if (!Number.isSafeInteger(number)) throw new Error('etcd answered a number that is none');
  return number;
}
