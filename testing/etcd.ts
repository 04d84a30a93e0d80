/** etcd in a test: the calls of its JSON gateway that a lease needs, over a table in memory, on a clock that the test moves. */
import type { RequestListener } from 'node:http';
import type { Clock } from '../core/runtime.js';
import { Web } from './web.js';

interface Lease {
  readonly id: string;
  readonly ttlSeconds: number;
  endsAt: number;
}

interface Kv {
  readonly key: string;
  readonly value: string;
  readonly lease: string;
  readonly create_revision: string;
}

interface Txn {
  readonly compare: readonly { readonly key: string }[];
  readonly success: readonly { readonly request_put: { readonly key: string; readonly value: string; readonly lease: string } }[];
}

/** What happens to a call: it works; it is not heard; it works and nobody hears of it; etcd has no leader. */
export type Fate = 'works' | 'is lost' | 'loses its answer' | 'has no leader';

export class FakeEtcd {
  readonly #clock: Clock;
  readonly #web: Web;
  readonly leases = new Map<string, Lease>();
  readonly keys = new Map<string, Kv>();
  /** Every call, in its order. */
  readonly calls: string[] = [];
  /** What becomes of a call, by its path: `kv/txn`. */
  fate: (path: string) => Fate = () => 'works';
  #revision = 1;

  private constructor(clock: Clock, web: Web) {
    this.#clock = clock;
    this.#web = web;
    web.answer = this.#answer;
  }

  static async start(clock: Clock): Promise<FakeEtcd> {
    return new FakeEtcd(clock, await Web.start());
  }

  get url(): URL {
    return new URL(this.#web.url('/'));
  }

  stop(): Promise<void> {
    return this.#web.stop();
  }

  /** Who has a key. */
  holderOf(key: string): string | undefined {
    this.#expire();
    const kv = this.keys.get(Buffer.from(key).toString('base64'));
    return kv && Buffer.from(kv.value, 'base64').toString();
  }

  readonly #answer: RequestListener = (request, response) => {
    const path = request.url!.replace(/^\/v3\//, '');
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      this.calls.push(path);
      const fate = this.fate(path);
      if (fate === 'is lost') return;
      const reply = fate === 'has no leader' ? { error: 'etcdserver: no leader', code: 14 } : this.#reply(path, JSON.parse(Buffer.concat(parts).toString()));
      if (fate === 'loses its answer') return;
      response.statusCode = 'error' in reply ? 503 : 200;
      response.end(JSON.stringify(reply));
    });
  };

  #reply(path: string, body: Readonly<Record<string, string>>): object {
    this.#expire();
    switch (path) {
      case 'lease/grant': {
        const lease = { id: String(7_000_000_000_000_000_000n + BigInt(++this.#revision)), ttlSeconds: Number(body['TTL']), endsAt: 0 };
        this.leases.set(lease.id, lease);
        return { ID: lease.id, ...this.#renew(lease) };
      }
      case 'lease/keepalive': {
        const lease = this.leases.get(body['ID']!);
        return { result: { ID: body['ID'], ...(lease && this.#renew(lease)) } };
      }
      case 'lease/revoke':
        if (!this.leases.has(body['ID']!)) return { error: 'etcdserver: requested lease not found', code: 5 };
        this.#end(body['ID']!);
        return {};
      case 'kv/range':
        return this.#range(body['key']!);
      case 'kv/txn':
        return this.#txn(body as unknown as Txn);
      default:
        return { error: 'Not Found', code: 5 };
    }
  }

  #renew(lease: Lease): { readonly TTL: string } {
    lease.endsAt = this.#clock.now() + lease.ttlSeconds * 1000;
    return { TTL: String(lease.ttlSeconds) };
  }

  #range(key: string): { readonly kvs?: readonly Kv[] } {
    const kv = this.keys.get(key);
    return kv === undefined ? {} : { kvs: [kv] };
  }

  #txn({ compare, success }: Txn): object {
    const { key } = compare[0]!;
    if (this.keys.has(key)) return { responses: [{ response_range: this.#range(key) }] };
    const { value, lease } = success[0]!.request_put;
    if (!this.leases.has(lease)) return { error: 'etcdserver: requested lease not found', code: 5 };
    const revision = String(++this.#revision);
    this.keys.set(key, { key, value, lease, create_revision: revision });
    return { succeeded: true, header: { revision } };
  }

  #expire(): void {
    for (const { id, endsAt } of this.leases.values()) if (endsAt <= this.#clock.now()) this.#end(id);
  }

  #end(id: string): void {
    this.leases.delete(id);
    for (const { key, lease } of this.keys.values()) if (lease === id) this.keys.delete(key);
  }
}
