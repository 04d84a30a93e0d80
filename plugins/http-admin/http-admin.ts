/** The admin API: every plugin's calls, behind one guard. */
import type { Cidr } from '../../core/address.js';
import { DnsBlock } from '../../core/block.js';
import type { Host } from '../../core/host.js';
import {
  describeApi, guard, loadApi, mountHttp, readQuery, sendJson, unixEndpoint,
  type Call, type HttpAddress, type HttpContext, type HttpHandler, type Site, type TlsFiles,
} from '../../core/http/index.js';
import { ApiError, type HostBlock, type PluginContext, type PluginInstance } from '../../core/plugin.js';
import type { SecretFile } from '../../core/secret.js';
import { carryOut } from '../../core/workers/index.js';
import { QueryLog, type Recent } from './queries.js';
import { filterParameters, readFilter } from './filter.js';

export interface AdminOptions {
  readonly address: HttpAddress;
  readonly unix: string | undefined;
  readonly token: SecretFile | undefined;
  readonly tls: TlsFiles | undefined;
  readonly readOnly: boolean;
  readonly allow: readonly Cidr[];
  readonly hosts: readonly string[];
}

export class Admin implements PluginInstance {
  readonly host: Host;
  readonly #options: AdminOptions;
  readonly #site: Site;
  #queries: QueryLog | undefined;
  #serve: HttpHandler | undefined;

  constructor(options: AdminOptions, context: PluginContext<HostBlock>) {
    const { address, unix, token, allow, tls } = options;
    this.host = context.host;
    this.#options = options;
    const open = address.find(({ isLocal }) => !isLocal);
    if (open !== undefined && token === undefined && allow.length === 0) {
      const problem = "can be reached from other hosts, and anybody there could change this server; add 'token FILE' or 'allow CIDR…'";
      throw context.mistake(`${open.text} ${problem}`);
    }
    const endpoints = unix === undefined ? address : [...address, unixEndpoint(unix)];
    this.#site = mountHttp(context, endpoints, { serve: (ctx, next) => this.#serve?.(ctx, next) }, tls);
    for (const block of this.host.blocks) {
      if (block instanceof DnsBlock) block.hooks.done.tap('http-admin', (query, reply) => this.#queries?.record(query, reply));
    }
  }

  /** The last queries. Throws an `ApiError` on a host that serves no DNS. */
  get queries(): QueryLog {
    if (this.#queries === undefined || !this.host.blocks.some((block) => block instanceof DnsBlock)) throw new ApiError(404, 'this host serves no DNS');
    return this.#queries;
  }

  /** Each worker keeps the last of its own queries. */
  join(): void {
    this.#queries = this.host.keep('last queries', () => new QueryLog(this.host.clock, this.host.workers));
  }

  async start(): Promise<void> {
    const { token, allow, hosts, readOnly } = this.#options;
    const { serveCalls } = await loadApi();
    const calls = callsOf(this.host);
    const api = serveCalls(calls);
    const recent = calls.find(({ path }) => path === '/queries')!;
    const { name: title, version } = this.host;
    const description = `${JSON.stringify(describeApi(calls, { title, version, needsToken: token !== undefined }), null, 2)}\n`;
    const check = guard({ token: await token?.read(), allow, hosts, readOnly });
    this.join();
    this.#serve = (ctx, next) => check(ctx, async () => {
      if (ctx.method === 'GET' && ctx.path === '/openapi.json') sendJson(ctx, description);
      else if (ctx.method === 'GET' && ctx.path === recent.path && ctx.get('Accept').includes('text/event-stream')) await this.#stream(ctx, recent);
      else await api(ctx, next);
    });
    await this.#site.start();
  }

  listeners(): readonly string[] {
    return this.#site.listeners();
  }

  /** Queries live, as server-sent events. @param recent the call that lists what was before */
  async #stream(ctx: HttpContext, recent: Call): Promise<void> {
    const { closing } = ctx.state;
    const query = readQuery(ctx, filterParameters);
    const filter = readFilter(query);
    const { queries } = filter.limit === undefined ? { queries: [] } : ((await recent.answer({ params: {}, query, closing })).data as Recent);
    const stream = this.queries.follow(filter, queries, closing);
    ctx.type = 'text/event-stream';
    ctx.body = stream;
  }
}

/** The calls of all plugins that this host knows. Those of plugins that the Corefile leaves out say so. */
const callsOf = (host: Host): Call[] => host.configuration.plugins.flatMap((definition) =>
  (definition.api ?? []).map((call) => ({ ...call, plugin: definition.name, answer: (request) => carryOut(host, definition, call, request) })));
