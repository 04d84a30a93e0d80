/** The WAN: built, found again by other processes, changed, and taken down without a trace. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSite, type Site } from '../../jail/site/index.js';
import { Authority, type Certificate } from './certificates.js';
import { addClient, attach, detach, dig } from './clients.js';
import { attempt, namespaces, removeNamespace, run, until, within } from './command.js';
import { addHost, buildInternet } from './internet.js';
import { clientsOf, compiled, directory, hostAddress, providerOf, providers, siteName, type LabClient, type LabOptions } from './layout.js';
import { buildProviders, type Customers } from './providers.js';
import { numbersOf, siteFile, siteFiles } from './site-files.js';
import { takeSnapshot, type Snapshot } from './snapshot.js';

/** What other processes need to know of a lab that stands. */
interface Record {
  readonly options: LabOptions;
  readonly customers: Customers;
  readonly before: Snapshot;
}

const recordFile = join(directory, 'lab.json');
const vpnjail = compiled('../../jail/vpnjail.js');

/** How long everything may take to come to rest after whatever was done. */
const convergenceMs = 60_000;

export class Lab {
  readonly #record: Record;
  readonly sites: readonly Site[];
  readonly clients: readonly [LabClient, LabClient];

  private constructor(record: Record) {
    this.#record = record;
    this.sites = numbersOf(record.options).map((number) => readSite(siteFile(number), (file) => readFileSync(file, 'utf8')));
    this.clients = clientsOf(record.options);
  }

  static get stands(): boolean {
    return existsSync(recordFile);
  }

  /** The lab that stands. */
  static open(): Lab {
    return new Lab(JSON.parse(readFileSync(recordFile, 'utf8')) as Record);
  }

  /** Builds all of it. What is left of an earlier one goes first. */
  static async up(options: LabOptions): Promise<Lab> {
    await Lab.down();
    const before = await takeSnapshot();
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const authority = await Authority.create(join(directory, 'pki'));
    await buildInternet();
    const customers = await buildProviders(authority);
    await writeFiles(options, authority, customers);
    const record: Record = { options, customers, before };
    writeFileSync(recordFile, JSON.stringify(record));
    const lab = new Lab(record);
    for (const { name, id } of lab.sites) await addHost(name, hostAddress(id));
    await lab.startSites();
    await Promise.all(lab.clients.map((client) => addClient(client, lab.sites[0]!.wan)));
    return lab;
  }

  /** The lab that stands, if it is such a one; or a new one. */
  static async ensure(options: Partial<LabOptions>): Promise<Lab> {
    if (!Lab.stands) return Lab.up({ ...defaults, ...options });
    const lab = Lab.open();
    const wanted = { ...lab.options, ...options };
    return JSON.stringify(wanted) === JSON.stringify(lab.options) ? lab : Lab.up(wanted);
  }

  /** Takes everything away, also what is left of a lab that broke. */
  static async down(): Promise<void> {
    if (Lab.stands) await Lab.open().stopSites();
    for (const namespace of (await namespaces()).filter((name) => name.startsWith('lab-'))) await removeNamespace(namespace);
    rmSync(directory, { recursive: true, force: true });
  }

  get options(): LabOptions {
    return this.#record.options;
  }

  /** How the machine was before it. */
  get before(): Snapshot {
    return this.#record.before;
  }

  /** Runs vpnjail on a host. */
  vpnjail(site: Pick<Site, 'name' | 'file'>, command: 'up' | 'down' | 'status', ...words: readonly string[]): Promise<string> {
    return run(['nsenter', `--net=/run/netns/${site.name}`, process.execPath, vpnjail, command, site.file, ...words]);
  }

  /** Brings sites up, and their clients back on their wires. */
  async startSites(sites: readonly Site[] = this.sites): Promise<void> {
    await Promise.all(sites.map((site) => this.vpnjail(site, 'up')));
    const existing = await namespaces();
    for (const client of this.clients.filter(({ namespace }) => existing.includes(namespace))) await attach(client, this.sites[0]!.wan);
  }

  async stopSites(sites: readonly Site[] = this.sites): Promise<void> {
    const existing = await namespaces();
    const standing = sites.filter(({ name }) => existing.includes(name));
    await Promise.all(standing.map((site) => attempt(['nsenter', `--net=/run/netns/${site.name}`, process.execPath, vpnjail, 'down', site.file])));
    for (const client of this.clients.filter(({ site }) => standing.some(({ id }) => id === site))) await detach(client);
  }

  /** The namespace of a container. */
  namespaceOf({ name }: Site, container: string): string {
    return `${name}-${container}`;
  }

  /** The address that clients of a VPN reach it by. */
  anycastOf(vpn: 1 | 2): string {
    return this.sites[0]!.wan.vpns.find(({ id }) => id === vpn)!.anycast.text;
  }

  /** Whether a site's router leads the clients of a VPN to the site's own container. */
  async hasRoute(site: Site, vpn: 1 | 2): Promise<boolean> {
    const { stdout } = await attempt(['ip', '-n', this.namespaceOf(site, 'ipsec'), '-4', 'route', 'show', `${this.anycastOf(vpn)}/32`, 'proto', 'boot']);
    return stdout.trim() !== '';
  }

  /** The sites whose routers lead the clients of a VPN to their own container. One, if all is well. */
  async holders(vpn: 1 | 2): Promise<Site[]> {
    const has = await Promise.all(this.sites.map((site) => this.hasRoute(site, vpn)));
    return this.sites.filter((_, i) => has[i]);
  }

  /** Asks a site's dynvpn for something. */
  async command(site: Site, path: string): Promise<void> {
    await run(within(this.namespaceOf(site, 'ipsec'), 'curl', '-sS', '--fail', '--max-time', '60', '-X', 'POST', `http://127.0.0.1:8080${path}`));
  }

  /** Waits until a VPN is at one site, its client is led there the shortest way, and gets answers. Returns the site. */
  async settled(vpn: 1 | 2, at?: Site): Promise<Site> {
    let holders: Site[] = [];
    let lack = '';
    const found = (): string => `${holders.map(({ name }) => name).join(' and ') || 'none'}${lack}`;
    await until(() => `VPN ${vpn} at ${at?.name ?? 'one site'}, and its client served; it is at ${found()}`, async () => {
      holders = await this.holders(vpn);
      const [holder] = holders;
      lack = '';
      if (holder === undefined || holders.length > 1 || (at !== undefined && at.name !== holder.name)) return false;
      if (!(await this.#isLedTo(holder, vpn))) lack = ', but its client is led elsewhere';
      else if (!(await this.#isServed(vpn))) lack = ', but its client is not answered';
      return lack === '';
    }, convergenceMs);
    return holders[0]!;
  }

  /** Whether the client's router knows the shortest way: its own site's container, or the link to the site that has the VPN. */
  async #isLedTo(holder: Site, vpn: 1 | 2): Promise<boolean> {
    const here = this.sites.find(({ id }) => id === this.clients.find((client) => client.vpn === vpn)!.site)!;
    const device = here.links.find(({ peer }) => peer.name === holder.name)?.interface ?? 'eth0';
    const { stdout } = await attempt(['ip', '-n', this.namespaceOf(here, 'ipsec'), 'route', 'get', this.anycastOf(vpn)]);
    return stdout.includes(` dev ${device} `);
  }

  async #isServed(vpn: 1 | 2): Promise<boolean> {
    const { answer } = providers[providerOf(vpn, this.options)];
    const client = this.clients.find((each) => each.vpn === vpn)!;
    const { addresses } = await dig(client, this.sites[0]!.wan.resolver.text, `settled-${Date.now()}.example.net`);
    return addresses.join() === answer;
  }

  /** Brings a VPN to a site, as an administrator would. */
  async move(vpn: 1 | 2, site: Site): Promise<void> {
    if ((await this.settled(vpn)).name !== site.name) await this.command(site, `/vpn/set_online/dynvpn${vpn}`);
    await this.settled(vpn, site);
  }
}

async function writeFiles(options: LabOptions, authority: Authority, customers: Customers): Promise<void> {
  const certificates: { [number: number]: Certificate } = {};
  for (const number of numbersOf(options)) certificates[number] = await authority.sign(`${siteName(number)}.example.net`, 'clientAuth');
  for (const [path, text] of siteFiles(options, certificates, customers)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: path.endsWith('.secret') ? 0o600 : 0o644 });
  }
}

export const defaults: LabOptions = { sites: 3, tunnel: 'ipsec-gre', vpn: 'openvpn', lease: false };
