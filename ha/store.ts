/** What a site's daemon keeps on disk: what the administrator wants of each VPN, its epochs, and how often the daemon was started. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, OperationalError } from '../core/errors.js';
import { writeFileAtomically } from '../core/files.js';
import type { Saved, Want } from './machine/index.js';

interface Content {
  readonly incarnation: number;
  readonly vpns: Readonly<Record<string, Saved>>;
}

export class Store {
  readonly path: string;
  #incarnation = 0;
  readonly #vpns = new Map<string, Saved>();
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** What is kept of the VPNs. */
  get saved(): Readonly<Record<string, Saved>> {
    return Object.fromEntries(this.#vpns);
  }

  /**
   * Reads the file, and writes it with a new incarnation.
   * @param wallMs milliseconds since 1970: should the file be lost, the incarnation still grows
   * @returns the incarnation: greater than that of any earlier start
   * @throws OperationalError when the file can't be read or written, or is not what this daemon has written
   */
  async open(wallMs: number): Promise<number> {
    const content = await this.#read();
    for (const [vpn, saved] of Object.entries(content?.vpns ?? {})) this.#vpns.set(vpn, saved);
    this.#incarnation = Math.max((content?.incarnation ?? 0) + 1, Math.floor(wallMs / 1000));
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await this.#write();
    } catch (error) {
      throw new OperationalError(`can't keep the state in ${this.path}: ${messageOf(error)}`);
    }
    return this.#incarnation;
  }

  save(vpn: string, saved: Saved): Promise<void> {
    this.#vpns.set(vpn, saved);
    return this.flush();
  }

  forget(vpn: string): Promise<void> {
    return this.#vpns.delete(vpn) ? this.flush() : Promise.resolve();
  }

  /** Fulfilled when the disk has all that was saved before the call; rejected when it does not take it. */
  flush(): Promise<void> {
    if (this.#writing === undefined) {
      this.#writing = this.#write().finally(() => (this.#writing = undefined));
      return this.#writing;
    }
    // What is being written may be older than this call.
    return this.#writing.catch(() => undefined).then(() => this.#writing ?? this.flush());
  }

  async #write(): Promise<void> {
    const content: Content = { incarnation: this.#incarnation, vpns: this.saved };
    await writeFileAtomically(this.path, `${JSON.stringify(content, undefined, 2)}\n`);
  }

  async #read(): Promise<Content | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new OperationalError(`can't read the state: ${messageOf(error)}`);
    }
    const content = parse(text);
    if (isContent(content)) return content;
    throw new OperationalError(`${this.path} is not what dynvpn has written; mend it, or remove it and say again what you want of each VPN`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const wants: ReadonlySet<unknown> = new Set<Want>(['auto', 'online', 'offline', 'replica']);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isContent = (value: unknown): value is Content =>
  isObject(value) && Number.isSafeInteger(value['incarnation']) && isObject(value['vpns'])
  && Object.values(value['vpns']).every((saved) => isObject(saved) && wants.has(saved['want']) && Number.isSafeInteger(saved['epoch']));
