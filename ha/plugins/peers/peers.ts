/** The exchange with the other sites: their calls come in here, ours go out by a link to each. */
import { inAny, parseAddress, textOfEndpoint, type Cidr, type Endpoint } from '../../../core/address.js';
import { OperationalError } from '../../../core/errors.js';
import { checkMethod, guard, mountHttp, readBody, sendJson, type HttpContext, type HttpEndpoint, type HttpHandler } from '../../../core/http/index.js';
import { limits } from '../../../core/limits.js';
import type { Count } from '../../../core/metrics.js';
import { ApiError, type PluginContext, type PluginInstance } from '../../../core/plugin.js';
import type { SecretFile } from '../../../core/secret.js';
import type { HaBlock } from '../../block.js';
import type { SiteEntry } from '../../settings.js';
import { PeerLink } from './link.js';
import { Seen, signAnswer, signatureHeader, Verifier, type Refusal, type Verdict } from './signature.js';
import { decodePull, decodeState, encodeState, MalformedMessage, messageOfPredecessor, type Said } from './wire.js';

export interface PeersOptions {
  /** Each with the sites that it is for; none means all. */
  readonly secrets: readonly { readonly file: SecretFile; readonly sites: readonly string[] }[];
  readonly intervalMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly retries: number | undefined;
  readonly partition: 'available' | 'majority' | undefined;
  readonly allow: readonly Cidr[];
}

const pullPath = '/peer/pull_state';
const pushPath = '/peer/push_state';

/** What a refused caller is told, with the status that fits. */
const statusOf: Readonly<Record<Refusal, number>> = {
  malformed: 400, oversized: 413, unsigned: 401, forged: 401, stale: 401, replayed: 401, 'unknown site': 403, 'foreign address': 403,
};

/** What a site, and each VPN of it, may take in a message, names of a usual length included. */
const siteOctets = 300;
const vpnOctets = 180;

class Refused extends ApiError {
  readonly refusal: Refusal;
  /** It is by who it says that it is by: its sender is to believe the answer. */
  readonly isSigned: boolean;

  constructor(refusal: Refusal, detail: string, isSigned = false) {
    super(statusOf[refusal], `${refusal}: ${detail}`);
    this.refusal = refusal;
    this.isSigned = isSigned;
  }
}

export class Peers implements PluginInstance {
  readonly #options: PeersOptions;
  readonly #context: PluginContext<HaBlock>;
  readonly #peers: ReadonlyMap<string, SiteEntry>;
  readonly #sites: readonly ReturnType<typeof mountHttp>[];
  readonly #guard: HttpHandler;
  readonly #refused: (refusal: Refusal) => Count;
  readonly #loggedAt = new Map<Refusal, number>();
  readonly #links = new Map<string, PeerLink>();
  #secrets: ReadonlyMap<string, string> = new Map();
  /** The secret of all that have none of their own; so a site that is not known here can be told so. */
  #commonSecret: string | undefined;
  #verifier: Verifier | undefined;

  constructor(options: PeersOptions, context: PluginContext<HaBlock>) {
    const { block, host: { metrics } } = context;
    this.#options = options;
    this.#context = context;
    const { site: own, sites } = block.settings;
    this.#peers = new Map(sites.filter(({ id }) => id !== own.id).map((site) => [site.id, site]));
    this.#checkSecrets();
    const octets = sites.reduce((sum, { vpns }) => sum + siteOctets + vpns.length * vpnOctets, 0);
    if (octets > limits.httpBodyBytes) {
      throw context.mistake(`a message of ${sites.length} sites with all their VPNs may have ${octets} bytes; at most ${limits.httpBodyBytes} are taken`);
    }
    block.pull = defined({ intervalMs: options.intervalMs, timeoutMs: options.timeoutMs, retries: options.retries });
    block.partition = options.partition ?? block.partition;
    const refused = metrics.counter('peers_refused_total', 'Messages of peers that were refused.', ['reason']);
    this.#refused = (reason) => refused.child({ reason });
    // Who may call is decided by signature or address; this is against browsers.
    this.#guard = guard({ token: undefined, allow: options.allow, hosts: [], readOnly: false });
    const serve = (method: 'GET' | 'POST', take: (ctx: HttpContext, body: string) => string): HttpHandler => (ctx) => this.#serve(ctx, method, take);
    this.#sites = [
      mountHttp(context, [endpointOf(own.peer)], { path: pullPath, serve: serve('GET', (ctx, body) => this.#pulled(ctx, body)) }),
      mountHttp(context, [endpointOf(own.peer)], { path: pushPath, serve: serve('POST', (ctx, body) => this.#pushed(ctx, body)) }),
    ];
    block.hooks.push.tap('peers', () => {
      for (const link of this.#links.values()) link.push();
    });
  }

  async start(): Promise<void> {
    const { block, host, log } = this.#context;
    const { id: own } = block.settings.site;
    this.#secrets = await this.#readSecrets();
    this.#commonSecret = await this.#secretFor(undefined)?.read();
    const seen = host.keep(`peers ${own}`, () => new Seen());
    if (this.#secrets.size > 0) this.#verifier = new Verifier(own, (site) => this.#secretOf(site), seen);
    else if (this.#peers.size > 0) log.warning('without a secret, whoever can send from the address of a peer can speak for it');
    for (const site of this.#sites) await site.start();
    host.onSwap(() => {
      for (const [id, peer] of this.#peers) this.#links.set(id, this.#linkTo(peer));
      for (const link of this.#links.values()) link.start();
    });
  }

  /** What was said last, on a shutdown the goodbye, is to arrive. */
  async lameduck(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.told()));
  }

  stop(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  listeners(): readonly string[] {
    return this.#sites[0]!.listeners();
  }

  #linkTo({ id, peer }: SiteEntry): PeerLink {
    const { block, host: { clock, metrics, runtime: { sockets } }, log } = this.#context;
    const exchanges = metrics.counter('peers_exchanges_total', 'Pulls from and pushes to peers, with all their tries.', ['site', 'call', 'result']);
    const count = (of: 'pull' | 'push', result: 'ok' | 'failed'): Count => exchanges.child({ site: id, call: of, result });
    return new PeerLink({
      site: id, own: block.settings.site.id, base: new URL(`http://${textOfEndpoint(peer)}`), secret: this.#secrets.get(id), runner: block.runner,
      clock, sockets, log, pull: { ...block.settings.pull, ...block.pull },
      counts: { pulled: count('pull', 'ok'), pullFailed: count('pull', 'failed'), pushed: count('push', 'ok'), pushFailed: count('push', 'failed') },
    });
  }

  /** A peer asks how we are, and says how it is. */
  #pulled(ctx: HttpContext, body: string): string {
    const said = read(decodePull, body);
    this.#check(ctx, body, said);
    if (said.message !== undefined) this.#take(said);
    return encodeState(this.#context.block.runner.state, this.#context.host.clock.now());
  }

  /** A peer says how it is. */
  #pushed(ctx: HttpContext, body: string): string {
    const said = read(decodeState, body);
    this.#check(ctx, body, said);
    this.#take(said);
    return '{}';
  }

  #take(said: Said): void {
    const { block: { runner }, host: { clock } } = this.#context;
    runner.take({ type: 'message', message: said.message ?? messageOfPredecessor(said, runner.state, clock.wall(), undefined) });
  }

  async #serve(ctx: HttpContext, method: 'GET' | 'POST', take: (ctx: HttpContext, body: string) => string): Promise<void> {
    try {
      checkMethod(ctx, method);
      let text = '';
      await this.#guard(ctx, async () => (text = (await readBody(ctx.req)).toString()));
      const answer = take(ctx, text);
      this.#sign(ctx, 200, answer);
      sendJson(ctx, answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#count(error);
      ctx.status = error.status;
      const answer = `${JSON.stringify({ error: error.message, ...(error instanceof Refused && { refusal: error.refusal }) })}\n`;
      if (error instanceof Refused && error.isSigned) this.#sign(ctx, error.status, answer);
      sendJson(ctx, answer);
    }
  }

  /** For a request that was found to be by its sender. */
  #sign(ctx: HttpContext, status: number, answer: string): void {
    const header = ctx.get(signatureHeader);
    const secret = header === '' ? undefined : this.#secretOf(/^from=(\S+)/.exec(header)?.[1] ?? '');
    if (secret !== undefined) ctx.set(signatureHeader, signAnswer(secret, header, status, answer));
  }

  #secretOf(site: string): string | undefined {
    return this.#secrets.get(site) ?? this.#commonSecret;
  }

  /** Throws unless the message is by the site that it says. */
  #check(ctx: HttpContext, body: string, { site }: Said): void {
    const peer = this.#peers.get(site);
    const verdict = this.#verdictOn(ctx, body);
    if (peer === undefined) {
      throw new Refused('unknown site', `this configuration has no other site '${site}'`, verdict !== undefined && 'from' in verdict && verdict.from === site);
    }
    if (verdict === undefined) return this.#checkAddress(ctx, peer);
    if ('refusal' in verdict) throw new Refused(verdict.refusal, explanations[verdict.refusal] ?? 'see the README of peers');
    if (verdict.from !== site) throw new Refused('forged', `it is signed by '${verdict.from}', and says that it is by '${site}'`);
  }

  /** `undefined` without a secret. */
  #verdictOn(ctx: HttpContext, body: string): Verdict | undefined {
    const header = ctx.get(signatureHeader);
    const request = { method: ctx.method, path: ctx.path, body };
    return this.#verifier?.judge(request, header === '' ? undefined : header, this.#context.host.clock.wall());
  }

  /** Without a secret a peer may speak from its own address, or from those that `allow` lists. */
  #checkAddress({ req }: HttpContext, { id, peer }: SiteEntry): void {
    const address = parseAddress(req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '');
    if (address === undefined) throw new Refused('foreign address', 'it has none');
    const isAllowed = this.#options.allow.length > 0 ? inAny(this.#options.allow)(address) : address.text === peer.address.text;
    if (!isAllowed) throw new Refused('foreign address', `${address.text} is not that of ${id}; set a secret, or allow the address`);
  }

  #count(error: ApiError): void {
    const refusal = error instanceof Refused ? error.refusal : error.status === 413 ? 'oversized' : error.status === 403 ? 'foreign address' : 'malformed';
    this.#refused(refusal).inc();
    const { clock } = this.#context.host;
    if (clock.now() - (this.#loggedAt.get(refusal) ?? -Infinity) < limits.haRefusalLogMs) return;
    this.#loggedAt.set(refusal, clock.now());
    this.#context.log.warning(`refused a message: ${error.message}`);
  }

  #checkSecrets(): void {
    const { secrets } = this.#options;
    if (secrets.length === 0) return;
    const stranger = secrets.flatMap(({ sites }) => sites).find((site) => !this.#peers.has(site));
    if (stranger !== undefined) throw this.#context.mistake(`secret: there is no other site '${stranger}'`);
    const bare = [...this.#peers.keys()].filter((id) => this.#secretFor(id) === undefined);
    if (bare.length > 0) throw this.#context.mistake(`there is no secret for ${bare.join(', ')}, and there is for others`);
  }

  /** The file of a site's own, or that of all. */
  #secretFor(site: string | undefined): SecretFile | undefined {
    const { secrets } = this.#options;
    const own = site === undefined ? undefined : secrets.find(({ sites }) => sites.includes(site));
    return (own ?? secrets.find(({ sites }) => sites.length === 0))?.file;
  }

  async #readSecrets(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const id of this.#peers.keys()) {
      const file = this.#secretFor(id);
      if (file === undefined) continue;
      const secret = await file.read();
      if (secret.length < limits.haSecretLength) throw new OperationalError(`the secret in ${file.path} is shorter than ${limits.haSecretLength} characters`);
      found.set(id, secret);
    }
    return found;
  }
}

const explanations: Partial<Record<Refusal, string>> = {
  unsigned: 'a secret is set here; set the same at the peer (the predecessor can not sign)',
  forged: 'its signature is not by our secret',
  stale: `the clocks differ by more than ${limits.haClockSkewMs / 1000} s`,
  replayed: 'it came before',
};

function read(decode: (text: string) => Said, body: string): Said {
  try {
    return decode(body);
  } catch (error) {
    if (error instanceof MalformedMessage) throw new Refused('malformed', error.message);
    throw error;
  }
}

function endpointOf(peer: Endpoint): HttpEndpoint {
  const { address: { text: host }, port } = peer;
  return { text: textOfEndpoint(peer), listen: { host, port }, isLocal: host === '::1' || host.startsWith('127.'), isOptional: false };
}

/** The entries that are set. */
const defined = <T extends object>(table: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
