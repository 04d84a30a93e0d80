/** The DNS server as a plugin host: what a block is, where it listens, and how a generation takes over the sockets. */
import type { Address, Endpoint } from './address.js';
import { DnsBlock } from './block.js';
import { dnsAddress, readAddresses } from './corefile/index.js';
import { at, ConfigError, messageOf, OperationalError, type Mistake } from './errors.js';
import { PluginHost, type Host, type HostOptions, type ReloadReport } from './host.js';
import { Connections } from './listen/connections.js';
import { Doorway } from './listen/index.js';
import { addressesToBind, systemInterfaces, type Interfaces } from './listen/endpoints.js';
import { limits } from './limits.js';
import type { PluginInstance } from './plugin.js';
import { Server } from './server.js';
import { Crew, wantedWorkers, type Lead, type Member, type Spawn, type Workers } from './workers/index.js';
import { ZoneTable } from './zones.js';

export interface DnsHostOptions extends Omit<HostOptions<DnsBlock>, 'createBlock' | 'complete' | 'drained' | 'workers' | 'reload' | 'settled'> {
  /** The port of addresses that name none. */
  readonly defaultPort: number;
  readonly interfaces?: Interfaces;
  /** Leaves the sockets out: queries come through `server` alone (tests). */
  readonly silent?: boolean;
  /** The worker that this host is, where it is not the first. */
  readonly member?: Member;
  /** Begins other workers; needed for a configuration that wants some. */
  readonly spawn?: Spawn;
}

export interface DnsHost {
  readonly host: PluginHost<DnsBlock>;
  readonly server: Server;
  /** The first worker of several, or one of the others. */
  readonly workers: Workers;
}

/** Makes a DNS server from a configuration; nothing runs until `start`. */
export function createDnsHost(options: DnsHostOptions): DnsHost {
  const { runtime, log, metrics, defaultPort, interfaces = systemInterfaces, member } = options;
  const server = new Server(runtime, log, metrics);
  const connections = new Connections({ clock: runtime.clock, log, metrics });
  const workers = member ?? crewOf(options, () => host.reload());
  const settled = async (): Promise<void> => (workers.isFirst ? workers.settled() : undefined);
  const host: PluginHost<DnsBlock> = new PluginHost<DnsBlock>({
    ...options,
    workers,
    ...(member !== undefined && { reload: () => member.reload() }),
    createBlock: (configured, generation) => new DnsBlock(readAddresses(configured, dnsAddress(defaultPort)), configured.at, generation, server),
    complete(blocks, generation) {
      const { doors, endpoints } = planDoors(blocks, interfaces);
      for (const [block, own] of endpoints) block.endpoints.push(...own);
      const doorways = options.silent === true ? {} : doorwaysOf(doors, blocks, generation, { server, connections, interfaces });
      return workers.isFirst ? withCrew(doorways, workers, generation) : doorways;
    },
    settled,
    drained: async (blocks) => void (await Promise.all([server.drained(blocks), settled()])),
  });
  return { host, server, workers };
}

function crewOf({ runtime: { clock }, log, metrics, spawn }: DnsHostOptions, reload: () => Promise<ReloadReport>): Crew {
  return new Crew({
    clock, metrics, reload, log: log.for('workers'),
    spawn: spawn ?? (() => {
      throw new OperationalError('this program can have one worker only');
    }),
  });
}

/** The part of a generation that listens, and then has the other workers do so too. */
function withCrew(doorways: PluginInstance, crew: Crew, host: Host): PluginInstance {
  let lead: Lead | undefined;
  return {
    ...doorways,
    async start() {
      await doorways.start?.();
      const prepared = await crew.prepare(wantedWorkers(host).count, host.configuration.text);
      host.onSwap(() => prepared.takeOver());
      lead = prepared;
    },
    async stop() {
      await doorways.stop?.();
      // All workers drain at one time: the host waits for these as well.
      lead?.stop();
    },
  };
}

/** One endpoint and what it serves. */
interface Door {
  readonly endpoint: Endpoint;
  readonly zones: ZoneTable;
}

type Doors = ReadonlyMap<string, Door>;

interface Plan {
  readonly doors: Doors;
  readonly endpoints: ReadonlyMap<DnsBlock, readonly Endpoint[]>;
}

/** What all generations have in common. */
interface Ingress {
  readonly server: Server;
  readonly connections: Connections;
  readonly interfaces: Interfaces;
}

/** The part of a generation that listens: it opens what is missing, takes over what is there, and leaves what nobody wants. */
function doorwaysOf(doors: Doors, blocks: readonly DnsBlock[], host: Host, { server, connections, interfaces }: Ingress): PluginInstance {
  const opened: { readonly doorway: Doorway; readonly zones: ZoneTable }[] = [];
  let watch: object | undefined;
  return {
    listeners: () => [...doors.keys()],
    async start() {
      const { isFirst } = host.workers;
      const isShared = wantedWorkers(host).count > 1;
      for (const { endpoint, zones } of doors.values()) {
        const doorway = host.keep(Doorway.key(endpoint), () => new Doorway(endpoint, isShared, server, connections, host));
        opened.push({ doorway, zones });
        if (isShared && !doorway.isShared) throw new OperationalError('one worker holds the ports alone; restart the server for more workers');
        await doorway.open(isFirst);
      }
      host.onSwap(() => {
        for (const { doorway, zones } of opened) doorway.zones = zones;
      });
      // An address that appears later (a tunnel comes up) is served too: a reload opens what is missing, in all workers.
      if (isFirst) watch = host.clock.every(limits.interfaceWatchMs, () => {
        if (wouldDiffer(doors, blocks, interfaces)) void host.reload();
      });
    },
    stop() {
      host.clock.cancel(watch);
      // What the next generation has taken over goes on.
      for (const { doorway, zones } of opened) if (doorway.zones === zones) doorway.quiesce();
    },
  };
}

function wouldDiffer(doors: Doors, blocks: readonly DnsBlock[], interfaces: Interfaces): boolean {
  try {
    const { doors: now } = planDoors(blocks, interfaces);
    return now.size !== doors.size || [...now.keys()].some((key) => !doors.has(key));
  } catch {
    // An interface that bind names is gone; its sockets stay for when it returns.
    return false;
  }
}

/** All endpoints with their zones. Throws a `ConfigError` for a zone that two blocks claim on one endpoint, and for a `bind` that names nothing here. */
function planDoors(blocks: readonly DnsBlock[], interfaces: Interfaces): Plan {
  const doors = new Map<string, Door>();
  const endpoints = new Map<DnsBlock, Endpoint[]>();
  const mistakes: Mistake[] = [];
  for (const block of blocks) {
    const own: Endpoint[] = [];
    endpoints.set(block, own);
    for (const address of localAddressesOf(block, interfaces, mistakes)) {
      for (const { zones, port, text, at: place } of block.addresses) {
        const endpoint = { address, port };
        own.push(endpoint);
        const key = Doorway.key(endpoint);
        const door = doors.get(key) ?? { endpoint, zones: new ZoneTable() };
        doors.set(key, door);
        for (const zone of zones) {
          const holder = door.zones.add(zone, block);
          if (holder !== undefined) mistakes.push({ at: place, problem: `'${text}' is served already, by the block at ${at(holder.at)}, on the same address` });
        }
      }
    }
  }
  if (mistakes.length > 0) throw new ConfigError([...new Map(mistakes.map((mistake) => [at(mistake.at), mistake])).values()]);
  return { doors, endpoints };
}

/** The addresses of a block, each once: two words of `bind` may mean the same. */
function localAddressesOf(block: DnsBlock, interfaces: Interfaces, mistakes: Mistake[]): Iterable<Address> {
  if (block.listenOn.length === 0) return addressesToBind([], interfaces);
  const found = new Map<string, Address>();
  for (const { word, at: place } of block.listenOn) {
    try {
      for (const address of addressesToBind([word], interfaces)) found.set(address.text, address);
    } catch (error) {
      mistakes.push({ at: place, directive: 'bind', problem: messageOf(error) });
    }
  }
  return found.values();
}
