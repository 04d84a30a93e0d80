/** A query on its way: a view over the received bytes, and the typed fields through which plugins tell each other what they decided. */
import type { Address } from './address.js';
import type { DnsBlock } from './block.js';
import { hashOf } from './hash.js';
import { nameAt, textOfName, type Name } from './name.js';
import type { Route } from './route.js';
import type { Edns } from './wire/edns.js';
import { flag, headerOctets, uint16At } from './wire/layout.js';
import { limits } from './limits.js';
import { decodeMessage, type Packet } from './wire/library.js';

/** Who asks, and over what. One object a client, shared by its queries. */
export interface Client {
  readonly address: Address;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  /** The local endpoint that it asked, as `127.0.0.1:53`. */
  readonly local: string;
}

export class Query {
  /** The message as received. Never written to. */
  readonly bytes: Buffer;
  readonly client: Client;
  readonly flags: number;
  /** The offset behind the question. */
  readonly questionEnd: number;
  /** The name asked for, canonical. */
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  /** The client's OPT record; `undefined` without EDNS. */
  readonly edns: Edns | undefined;
  /** When it came, in milliseconds of the host's clock. */
  readonly receivedAt: number;
  readonly block: DnsBlock;
  /** The upstream that answered, for the log; set by whoever asked one. */
  upstream: string | undefined = undefined;
  /** Whether no client waits for the answer: it refreshes what is cached. */
  readonly background: boolean;
  /** The message that left for the client, `undefined` for silence; set by the server. */
  sent: Buffer | undefined = undefined;
  #route: Route | undefined | null = null;
  #nameHash: number | undefined = undefined;

  /** The guard has accepted `bytes`; `questionEnd` and `edns` are what it found. */
  constructor(bytes: Buffer, questionEnd: number, edns: Edns | undefined, name: Name, client: Client, block: DnsBlock, receivedAt: number, background = false) {
    this.bytes = bytes;
    this.questionEnd = questionEnd;
    this.edns = edns;
    this.name = name;
    this.client = client;
    this.block = block;
    this.receivedAt = receivedAt;
    this.background = background;
    this.flags = uint16At(bytes, 2);
    this.type = uint16At(bytes, questionEnd - 4);
    this.class = uint16At(bytes, questionEnd - 2);
  }

  /** The same question for nobody: to refresh what is cached. Its time begins now. */
  inBackground(now: number): Query {
    return new Query(this.bytes, this.questionEnd, this.edns, this.name, this.client, this.block, now, true);
  }

  get id(): number {
    return uint16At(this.bytes, 0);
  }

  /** The hash of the name, for tables. */
  get nameHash(): number {
    return (this.#nameHash ??= hashOf(this.name));
  }

  get dnssecOk(): boolean {
    return this.edns?.dnssecOk ?? false;
  }

  get checkingDisabled(): boolean {
    return (this.flags & flag.cd) !== 0;
  }

  get recursionDesired(): boolean {
    return (this.flags & flag.rd) !== 0;
  }

  /** The largest answer that this client takes on this transport, in octets. */
  get maxReplyOctets(): number {
    if (this.client.transport !== 'udp') return limits.messageOctets;
    return this.edns === undefined ? 512 : Math.min(this.edns.udpSize, limits.udpPayloadOctets);
  }

  /** The upstream group that the block's policy chooses for this query; chosen at the first look. `undefined` when nobody forwards it. */
  get route(): Route | undefined {
    if (this.#route === null) this.#route = this.block.hooks.route.call(this);
    return this.#route;
  }

  /** The route that would be chosen; this look chooses none. For those who may end the query here. */
  get possibleRoute(): Route | undefined {
    return this.#route === null ? this.block.hooks.route.call(this) : this.#route;
  }

  /** The route, if anything has asked for it by now; this look chooses none. */
  get chosenRoute(): Route | undefined {
    return this.#route ?? undefined;
  }

  /** The name for people, without its final dot. */
  get text(): string {
    return textOfName(this.name);
  }

  /** The whole message, decoded; for what is rare and rich. The guard has bounded it. */
  get message(): Packet {
    return decodeMessage(this.bytes);
  }
}

/** The name of the question in a message that the guard has accepted. */
export const nameOfQuestion = (bytes: Uint8Array, questionEnd: number): Name => nameAt(bytes, headerOctets, questionEnd - 4);
