/** The administrator's calls, in the words and shapes of the predecessor: success is `{}` or data, failure `{"error": "…"}` with a status that fits. */
import type { Cidr } from '../../../core/address.js';
import {
  checkMethod, guard, mountHttp, readBody, readQuery, sendJson, type HttpAddress, type HttpContext, type HttpHandler, type Site,
} from '../../../core/http/index.js';
import { ApiError, type PluginContext, type PluginInstance } from '../../../core/plugin.js';
import type { SecretFile } from '../../../core/secret.js';
import type { HaBlock } from '../../block.js';
import type { ReplicaMode } from '../../machine/index.js';
import { stateOnWire } from '../../state-on-wire.js';
import { checkCommand, command, describe, progressOf, Waiting, type VpnCommand } from './commands.js';
import { EventStreams, shown } from './events.js';

export interface ApiOptions {
  readonly address: HttpAddress;
  readonly token: SecretFile | undefined;
  readonly allow: readonly Cidr[];
  readonly hosts: readonly string[];
  /** How long a command is waited for. */
  readonly waitMs: number;
}

/** What a call answers: the status, 200 if left out, and the body. */
interface Reply {
  readonly status?: number;
  readonly body: object;
}

const replicaModes: readonly ReplicaMode[] = ['Auto', 'Manual', 'Disabled'];

export class HttpApi implements PluginInstance {
  readonly #options: ApiOptions;
  readonly #block: HaBlock;
  readonly #site: Site;
  readonly #waiting: Waiting;
  readonly #streams: EventStreams;
  #guard: HttpHandler | undefined;

  constructor(options: ApiOptions, context: PluginContext<HaBlock>) {
    const { address, token, allow } = options;
    this.#options = options;
    this.#block = context.block;
    const open = address.find(({ isLocal }) => !isLocal);
    if (open !== undefined && token === undefined && allow.length === 0) {
      const problem = "can be reached from other hosts, and anybody there could change this site; add 'token FILE' or 'allow CIDR…'";
      throw context.mistake(`${open.text} ${problem}`);
    }
    this.#waiting = new Waiting(context.host.clock);
    this.#streams = new EventStreams(context.host.clock);
    this.#site = mountHttp(context, address, { serve: (ctx) => this.#serve(ctx) });
    context.block.hooks.event.tap('http-api', (entry) => {
      this.#streams.tell(entry);
      this.#waiting.look();
    });
  }

  async start(): Promise<void> {
    const { token, allow, hosts } = this.#options;
    this.#guard = guard({ token: await token?.read(), allow, hosts, readOnly: false });
    await this.#site.start();
  }

  stop(): void {
    this.#streams.close();
  }

  listeners(): readonly string[] {
    return this.#site.listeners();
  }

  async #serve(ctx: HttpContext): Promise<void> {
    try {
      await this.#guard!(ctx, async () => {
        if (ctx.path === '/events') return this.#events(ctx);
        await readBody(ctx.req);
        readQuery(ctx);
        const { status = 200, body } = await this.#answer(ctx);
        ctx.status = status;
        sendJson(ctx, `${JSON.stringify(body, null, 2)}\n`);
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      ctx.status = error.status;
      sendJson(ctx, `${JSON.stringify({ error: error.message })}\n`);
    }
  }

  async #answer(ctx: HttpContext): Promise<Reply> {
    const { runner } = this.#block;
    const [, verb, id] = /^\/vpn\/(set_online|set_offline|set_replica|restart)\/([^/]+)$/.exec(ctx.path) ?? [];
    const [, mode] = /^\/set_replica_mode\/([^/]+)$/.exec(ctx.path) ?? [];
    const method = verb !== undefined || mode !== undefined || ctx.path === '/shutdown' ? 'POST' : 'GET';
    switch (ctx.path) {
      case '/shutdown':
        checkMethod(ctx, method);
        return this.#shutDown();
      case '/node_state':
        checkMethod(ctx, method);
        return { body: stateOnWire(runner.state) };
      case '/debug_state':
        checkMethod(ctx, method);
        return { body: { ...runner.snapshot(), state: runner.state } };
      default:
        if (verb === undefined && mode === undefined) throw new ApiError(404, `there is no call ${ctx.path}`);
        checkMethod(ctx, method);
        return mode !== undefined ? this.#setMode(mode) : this.#command(verb as VpnCommand, decoded(id!));
    }
  }

  async #command(name: VpnCommand, vpn: string): Promise<Reply> {
    const { runner } = this.#block;
    checkCommand(runner.state, name, vpn);
    await command(runner, { name, vpn });
    const progress = (): ReturnType<typeof progressOf> => progressOf(runner.state, name, vpn);
    await this.#waiting.until(() => progress() !== 'under way', this.#options.waitMs);
    const outcome = progress();
    if (typeof outcome === 'object') throw new ApiError(409, outcome.failed);
    if (outcome === 'done') return { body: {} };
    const found = runner.state.vpns.find(({ id }) => id === vpn);
    return { status: 202, body: { under_way: found === undefined ? vpn : describe(found) } };
  }

  async #setMode(word: string): Promise<Reply> {
    const mode = replicaModes.find((each) => each === word);
    if (mode === undefined) throw new ApiError(400, `'${word}' is no replica mode; expected one of ${replicaModes.join(', ')}`);
    await command(this.#block.runner, { name: 'set_replica_mode', mode });
    return { body: {} };
  }

  async #shutDown(): Promise<Reply> {
    const { runner } = this.#block;
    await command(runner, { name: 'shutdown' });
    const isDown = await this.#waiting.until(() => runner.state.status === 'AdminOffline', this.#options.waitMs);
    if (isDown) return { body: {} };
    const left = runner.state.vpns.filter(({ phase }) => phase !== 'down').map(describe);
    return { status: 202, body: { under_way: left.join('; ') } };
  }

  #events(ctx: HttpContext): void {
    checkMethod(ctx, 'GET');
    const { since = ctx.get('Last-Event-ID') } = readQuery(ctx, { since: 'Only what came after the event of this number' });
    if (!/^\d{0,15}$/.test(since)) throw new ApiError(400, `since: '${since}' is no number`);
    const entries = this.#block.runner.history.since(Number(since));
    if (!ctx.get('Accept').includes('text/event-stream')) return sendJson(ctx, `${JSON.stringify({ events: entries.map(shown) }, null, 2)}\n`);
    const stream = this.#streams.follow(entries, ctx.state.closing);
    ctx.type = 'text/event-stream';
    ctx.body = stream;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, 'the path is not percent-encoded UTF-8');
  }
}
