/**
 * `npm run demo:ha [-- --seconds 60 --seed N]`: three sites on loopback, each a daemon of its own with sessions that only sleep, and things go
 * wrong at random. Shows who serves which VPN, and tells at the end for how long each was without service.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemRuntime } from '../../core/runtime.js';
import { planMishaps, type Mishap } from './chaos.js';
import { Meter } from './meter.js';
import { freePorts } from './ports.js';
import { Wan, type WanSite } from './wan.js';

const { clock, random } = systemRuntime();
const names = ['paris', 'rome', 'oslo'];
const vpns = [1, 2, 3];
const lookMs = 50;

const isTty = process.stdout.isTTY === true;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function readArguments(): { readonly seconds: number; readonly seed: number } {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? random.below(1_000_000))];
  if (!(seconds >= 15) || !Number.isSafeInteger(seed)) throw new RangeError('usage: npm run demo:ha -- [--seconds 15 or more] [--seed N]');
  return { seconds, seed };
}

async function createWan(directory: string): Promise<Wan> {
  const ports = await freePorts(names.length * 2);
  const sites = names.map((name, i): WanSite => ({ name, port: ports[2 * i]!, apiPort: ports[2 * i + 1]! }));
  return Wan.create({ directory, sites, vpns, directives: () => '  peers' });
}

class Demo {
  readonly #wan: Wan;
  readonly #began = clock.now();
  readonly #meter = new Meter();
  readonly #news: string[] = [];
  #drawn = 0;

  constructor(wan: Wan) {
    this.#wan = wan;
  }

  get #at(): number {
    return (clock.now() - this.#began) / 1000;
  }

  async run(seconds: number, mishaps: readonly Mishap[]): Promise<void> {
    for (const { name } of this.#wan.options.sites) this.#wan.start(name);
    const due = mishaps.flatMap(({ at, what, begin, after = 0, mend }) => [
      { at, what, act: begin }, ...(mend === undefined ? [] : [{ at: at + after, what: `mended: ${what}`, act: mend }]),
    ]).sort((one, other) => one.at - other.at);
    while (this.#at < seconds) {
      while (due[0] !== undefined && due[0].at <= this.#at) {
        const { what, act } = due.shift()!;
        this.#tell(what);
        await act(this.#wan);
      }
      this.#look();
      await sleep(lookMs);
    }
  }

  /** @returns whether each VPN is served by one site now */
  summarize(): boolean {
    say('');
    say('VPN      without service   longest   at two sites   moved   now at');
    for (const { vpn, without, longest, twice, moves } of this.#meter.readings()) {
      const cells = [`dynvpn${vpn}`.padEnd(9), `${without.toFixed(1)} s`.padEnd(18), `${longest.toFixed(1)} s`.padEnd(10), `${twice.toFixed(1)} s`.padEnd(15)];
      say(`${cells.join('')}${String(moves).padEnd(8)}${this.#wan.serving(vpn).join(', ') || 'nowhere'}`);
    }
    return vpns.every((vpn) => this.#wan.serving(vpn).length === 1);
  }

  #look(): void {
    for (const vpn of vpns) {
      const sites = this.#wan.serving(vpn);
      if (this.#meter.look(vpn, this.#at, sites)) this.#tell(`dynvpn${vpn} is served ${sites.length === 0 ? 'nowhere' : `at ${sites.join(' and ')}`}`);
    }
    if (isTty) this.#draw();
  }

  #tell(what: string): void {
    const line = `${this.#at.toFixed(1).padStart(6)} s  ${what}`;
    this.#news.push(line);
    if (!isTty) say(line);
  }

  /** The table over what was drawn last, with the latest news below. */
  #draw(): void {
    const { sites } = this.#wan.options;
    const cell = (site: string, vpn: number): string =>
      this.#wan.serving(vpn).includes(site) ? '\x1b[32mserves   \x1b[0m' : this.#wan.hasSession(site, vpn) ? '\x1b[33msession  \x1b[0m' : '.        ';
    const lines = [
      `         ${sites.map(({ name }) => (this.#wan.isRunning(name) ? name.padEnd(9) : `\x1b[31m${name.padEnd(9)}\x1b[0m`)).join('')}`,
      ...vpns.map((vpn) => `dynvpn${vpn}  ${sites.map(({ name }) => cell(name, vpn)).join('')}`), '', ...this.#news.slice(-12),
    ];
    const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`;
    process.stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }
}

const { seconds, seed } = readArguments();
const directory = await mkdtemp(join(tmpdir(), 'dynvpn-demo-'));
const wan = await createWan(directory);
say(`${names.length} sites, ${vpns.length} VPNs, ${seconds} s; again with --seed ${seed}`);
try {
  const demo = new Demo(wan);
  await demo.run(seconds, planMishaps(seed, seconds, wan));
  process.exitCode = demo.summarize() ? 0 : 1;
} finally {
  await wan.stop();
  await rm(directory, { recursive: true, maxRetries: 5 });
}
