/** The server under soak, with its upstreams: one that does what the name asked says, one that never answers, and a port where nobody is. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { flag } from '../../core/wire/layout.js';
import { closedPort, helpful, startLoopbackUpstream, type Behaviour, type LoopbackUpstream } from '../../testing/index.js';
import { nameOfNumber } from '../names.js';
import { compiled } from '../programs.js';
import { collecting, type Recipe } from '../servers.js';
import type { Subject } from '../subject.js';
import { freePort, type Workbench } from '../workbench.js';

const slowMs = 400;
const listed = 20_000;

/** What becomes of a name, by the label before `soak.test`. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  slow: async (query) => {
    await pause(slowMs);
    return helpful(query);
  },
  servfail: (query) => query.answer({ rcode: 'SERVFAIL' }),
  gone: (query) => query.answer({ rcode: 'NXDOMAIN', authorities: [{
    type: 'SOA', name: 'soak.test', ttl: 60, data: { mname: 'ns.soak.test', rname: 'host.soak.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 },
  }] }),
  large: (query) => (query.transport === 'udp' ? query.answer({ flags: flag.tc })
    : query.answer({ answers: Array.from({ length: 200 }, (_, i) => ({ data: `192.0.2.${i}` })) })),
  alias: (query) => query.answer({ answers: [{ type: 'CNAME', data: 'www.soak.test' }, { name: 'www.soak.test', data: '192.0.2.1' }] }),
  brief: (query) => query.answer({ answers: [{ ttl: 1, data: '192.0.2.1' }] }),
  garbled: (query) => Buffer.concat([query.bytes.subarray(0, 12), Buffer.alloc(20, 0xff)]),
};

/** Questions for other than addresses are those of health checks. */
const behave: Behaviour = (query) => (query.type === 'A' ? (behaviours[query.name.split('.').at(-3) ?? ''] ?? helpful)(query) : query.answer());

export class World {
  readonly subject: Subject;
  readonly metricsPort: number;
  readonly #directory: string;
  readonly #upstreams: readonly LoopbackUpstream[];
  readonly #corefile: (variant: number) => string;
  #reloads = 0;

  private constructor(subject: Subject, metricsPort: number, directory: string, upstreams: readonly LoopbackUpstream[], corefile: (variant: number) => string) {
    this.subject = subject;
    this.metricsPort = metricsPort;
    this.#directory = directory;
    this.#upstreams = upstreams;
    this.#corefile = corefile;
  }

  static async open(bench: Workbench): Promise<World> {
    const upstreams = [await startLoopbackUpstream(behave), await startLoopbackUpstream(() => undefined)] as const;
    const [metricsPort, nobody] = [await freePort(), await closedPort()];
    let [directory, corefile] = ['', (_variant: number): string => ''];
    const recipe: Recipe = (place) => {
      directory = place.directory;
      corefile = (variant) => corefileOf(directory, metricsPort, upstreams.map(({ endpoint }) => endpoint), nobody, variant);
      writeWorld(directory, corefile(0), 0);
      return { program: place.node, args: [compiled('../vpndns/vpndns.js'), '--conf', join(directory, 'Corefile'), '--port', String(place.port)] };
    };
    const subject = await bench.start(collecting(recipe));
    await subject.waitForAnswer('static0.soak.test');
    return new World(subject, metricsPort, directory, upstreams, corefile);
  }

  /** Changes the configuration and the list, and has both read again. */
  reload(): void {
    this.#reloads++;
    writeWorld(this.#directory, this.#corefile(this.#reloads), this.#reloads);
    this.subject.signal('SIGHUP');
  }

  get reloads(): number {
    return this.#reloads;
  }

  /** What upstreams remember of queries is not the server's. */
  forgetQueries(): void {
    for (const { received } of this.#upstreams) received.length = 0;
  }

  async close(): Promise<void> {
    await this.subject.stop();
    for (const upstream of this.#upstreams) await upstream.close();
  }
}

function writeWorld(directory: string, corefile: string, variant: number): void {
  writeFileSync(join(directory, 'Corefile'), corefile);
  writeFileSync(join(directory, 'list'), Array.from({ length: listed + (variant % 2) * listed }, (_, i) => `${nameOfNumber(i)}\n`).join(''));
}

/** Every second one differs, so that each reload has something to change. */
function corefileOf(directory: string, metricsPort: number, [upstream, mute]: readonly string[], nobody: number, variant: number): string {
  const records = Array.from({ length: 50 }, (_, i) => `record static${i}.soak.test 192.0.2.${i}`).join('\n');
  return `. {
bind 127.0.0.1
prometheus 127.0.0.1:${metricsPort}
blocklist {\nfile ${join(directory, 'list')}\n}
static {\n${records}\n}
cache {\nsuccess 2000\ndenial 500\n${variant % 2 === 0 ? '' : 'serve_stale 1m\nprefetch 3'}\n}
forward mute.soak.test ${mute} {\nread_timeout 300ms\n}
forward dead.soak.test 127.0.0.1:${nobody}
forward . ${upstream} ${variant % 2 === 0 ? '' : '{\npolicy round_robin\n}'}
}
`;
}
