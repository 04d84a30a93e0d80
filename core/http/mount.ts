/**
 * How a directive serves HTTP. Directives that name one address share its listener, whichever plugins they belong to; what a generation
 * serves there takes effect at once, when the generation does.
 *
 *     setup({ args }, context) {
 *       return mountHttp(context, args, page('/health', () => ({ text: 'OK' })));
 *     }
 */
import { at, type Position } from '../errors.js';
import type { Host } from '../host.js';
import type { HostBlock, PluginContext } from '../plugin.js';
import type { Mount } from './application.js';
import { keyOfEndpoint, type HttpAddress, type HttpEndpoint } from './endpoint.js';
import { isSameTls, loadTls, type TlsFiles } from './tls.js';

/** What a directive has mounted: its part of the plugin's instance. */
export interface Site {
  /** Opens what is not open yet. Fails with an `OperationalError`. Nothing needs to be stopped: the listeners are the host's. */
  start(): Promise<void>;
  /** The addresses, as `http 127.0.0.1:8080`. */
  listeners(): readonly string[];
}

/** One address of a generation. */
interface Door {
  readonly endpoint: HttpEndpoint;
  readonly tls: TlsFiles | undefined;
  readonly mounts: (Mount & { readonly at: Position })[];
  opened: Promise<void> | undefined;
}

/**
 * Serves something at these addresses. To be called in `setup`.
 * @throws ConfigError when another directive has the path there, or speaks otherwise (in clear, with another certificate) at the address
 */
export function mountHttp<Block extends HostBlock>(context: PluginContext<Block>, address: HttpAddress, mount: Mount, tls?: TlsFiles): Site {
  const { host } = context;
  const plan = host.share('http', () => new Map<string, Door>());
  // Two words may mean one address.
  const endpoints = new Map(address.map((endpoint) => [keyOfEndpoint(endpoint), endpoint]));
  const doors = [...endpoints].map(([key, endpoint]) => {
    // What stays inside this host needs no TLS.
    const own = 'path' in endpoint.listen ? undefined : tls;
    const door = plan.get(key) ?? { endpoint, tls: own, mounts: [], opened: undefined };
    plan.set(key, door);
    addMount(door, mount, own, context);
    return door;
  });
  return {
    async start() {
      for (const door of doors) await (door.opened ??= open(door, host));
    },
    listeners: () => doors.map(({ endpoint }) => keyOfEndpoint(endpoint)),
  };
}

function addMount<Block extends HostBlock>({ endpoint, tls, mounts }: Door, mount: Mount, given: TlsFiles | undefined, context: PluginContext<Block>): void {
  const [first] = mounts;
  if (first !== undefined && !isSameTls(tls, given)) {
    const problem = 'which does not speak TLS with the same certificate there; choose another address';
    throw context.mistake(`${endpoint.text} is shared with the directive at ${at(first.at)}, ${problem}`);
  }
  const rival = mounts.find(({ path }) => path === mount.path);
  if (rival !== undefined) throw context.mistake(`${endpoint.text}${mount.path ?? ''} is served by the directive at ${at(rival.at)} already`);
  mounts.push({ ...mount, at: context.at });
}

async function open({ endpoint, tls, mounts }: Door, host: Host): Promise<void> {
  // Koa is some megabytes; a server that speaks no HTTP does without.
  const { HttpListener } = await import('./listener.js');
  const listener = host.keep(keyOfEndpoint(endpoint), () => new HttpListener(endpoint, host));
  const secure = tls && (await loadTls(tls));
  await listener.open();
  host.onSwap(() => listener.serve(mounts, secure));
}
