/**
 * A DNS server on loopback, UDP and TCP on one port, that does to each query what a test says: the right answer, a wrong one, several,
 * none, later, in pieces. For tests of what goes over real sockets; where no socket is wanted, see `scripted.ts`.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket as TcpSocket } from 'node:net';
import packet, { type Answer, type RecordType } from 'dns-packet';
import { Deframer, frame } from '../core/wire/frame.js';
import { readOpt, type Edns } from '../core/wire/edns.js';
import { accepted, endOfQuestion, judgeHeader } from '../core/wire/guard.js';
import { uint16At } from '../core/wire/layout.js';
import { nameOfQuestion } from '../core/query.js';
import { nameFromText, textOfName } from '../core/name.js';
import { classNumber, rcodeNumber, typeNumber, typeText } from '../core/wire/types.js';

/** An answer to a query; what is left out is as it should be. */
export interface LoopbackAnswer {
  /** `NXDOMAIN`; default NOERROR. */
  readonly rcode?: string;
  /** Records as dns-packet takes them; name, type and TTL default to the question's and 300. */
  readonly answers?: readonly { readonly name?: string; readonly type?: RecordType; readonly ttl?: number; readonly data: unknown }[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  /** Header flags besides QR, RD and RA, such as `packet.TRUNCATED_RESPONSE`. */
  readonly flags?: number;
  readonly id?: number;
  /** Another question than the one asked; the parts left out stay. */
  readonly question?: { readonly name?: string; readonly type?: string; readonly class?: string };
  /** Whether it ends with an OPT record; default when the query had one. */
  readonly edns?: boolean;
}

/** What to do with a query: returns the message to send, or nothing. It may also send by itself, any number of times, at any time. */
export type Behaviour = (query: ReceivedQuery) => Buffer | undefined | Promise<Buffer | undefined>;

/** Where a query came from, and the way back. */
interface Peer {
  readonly transport: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
  /** Which of the TCP connections, counted from 0. */
  readonly connection: number;
  send(octets: Buffer): void;
  hangUp(): void;
}

export class ReceivedQuery {
  readonly bytes: Buffer;
  readonly id: number;
  readonly flags: number;
  /** As asked, without its final dot. */
  readonly name: string;
  readonly type: string;
  readonly questionEnd: number;
  readonly edns: Edns | undefined;
  readonly peer: Peer;

  constructor(bytes: Buffer, peer: Peer) {
    this.bytes = bytes;
    this.peer = peer;
    this.questionEnd = endOfQuestion(bytes);
    this.id = uint16At(bytes, 0);
    this.flags = uint16At(bytes, 2);
    this.name = textOfName(nameOfQuestion(bytes, this.questionEnd));
    this.type = typeText(uint16At(bytes, this.questionEnd - 4));
    this.edns = bytes.length > this.questionEnd ? readOpt(bytes, this.questionEnd) : undefined;
  }

  get transport(): 'udp' | 'tcp' {
    return this.peer.transport;
  }

  /** The question's octets, in the case in which it was asked. */
  get question(): Buffer {
    return this.bytes.subarray(12, this.questionEnd);
  }

  /** Makes an answer to it; by default the right one, without records. */
  answer(options: LoopbackAnswer = {}): Buffer {
    const { rcode = 'NOERROR', answers = [], authorities = [], additionals = [], flags = 0, id = this.id, edns = this.edns !== undefined } = options;
    const { name } = this;
    const code = rcodeNumber(rcode) ?? 0;
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: code >> 4, ednsVersion: 0, flags: 0, options: [] } as unknown as Answer;
    const message = packet.encode({
      type: 'response',
      id,
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | flags | (code & 15),
      answers: answers.map((each) => ({ name, type: this.type, ttl: 300, ...each }) as Answer),
      authorities: [...authorities],
      additionals: edns ? [...additionals, opt] : [...additionals],
    });
    message.writeUInt16BE(1, 4);
    return Buffer.concat([message.subarray(0, 12), this.#questionFor(options.question), message.subarray(12)]);
  }

  /** Sends a message to where the query came from. */
  send(message: Buffer): void {
    this.peer.send(this.transport === 'tcp' ? frame(message) : message);
  }

  /** Sends these octets as they are: over TCP, without a length before them. */
  sendRaw(octets: Buffer): void {
    this.peer.send(octets);
  }

  /** Sends a datagram to where the query came from, from another port. */
  async sendFromElsewhere(message: Buffer): Promise<void> {
    const socket = createSocket(this.peer.address.includes(':') ? 'udp6' : 'udp4');
    await new Promise((sent) => socket.send(message, this.peer.port, this.peer.address, sent));
    socket.close();
  }

  /** Closes the query's connection. */
  hangUp(): void {
    this.peer.hangUp();
  }

  #questionFor(other: LoopbackAnswer['question']): Buffer {
    if (other === undefined) return this.question;
    const name = other.name === undefined ? this.question.subarray(0, -4) : Buffer.from(nameFromText(other.name), 'latin1');
    const rest = Buffer.from(this.question.subarray(-4));
    if (other.type !== undefined) rest.writeUInt16BE(typeNumber(other.type) ?? 0, 0);
    if (other.class !== undefined) rest.writeUInt16BE(classNumber(other.class) ?? 0, 2);
    return Buffer.concat([name, rest]);
  }
}

export interface LoopbackOptions {
  /** `127.0.0.1` or `::1`. */
  readonly address?: string;
  /** Whether TCP is served at all; without it, connections are refused. */
  readonly tcp?: boolean;
  /** The port, when it matters. */
  readonly port?: number;
}

/** Right answers with one address. */
export const helpful: Behaviour = (query) => query.answer({ answers: [{ data: query.type === 'AAAA' ? '2001:db8::1' : '192.0.2.1' }] });

export class LoopbackUpstream {
  /** Every query so far. */
  readonly received: ReceivedQuery[] = [];
  /** What it does; may be changed at any time. */
  behaviour: Behaviour;
  /** TCP connections so far. */
  connections = 0;
  readonly address: string;
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  readonly #open = new Set<TcpSocket>();
  readonly #awaited: { readonly count: number; readonly arrived: () => void }[] = [];

  constructor(behaviour: Behaviour, address: string) {
    this.behaviour = behaviour;
    this.address = address;
  }

  get port(): number {
    return this.#udp?.address().port ?? 0;
  }

  /** As in a Corefile: `127.0.0.1:40000`. */
  get endpoint(): string {
    return this.address.includes(':') ? `[${this.address}]:${this.port}` : `${this.address}:${this.port}`;
  }

  /** TCP connections that are open now. */
  get openConnections(): number {
    return this.#open.size;
  }

  async open({ tcp = true, port = 0 }: LoopbackOptions): Promise<void> {
    if (tcp) {
      this.#tcp = createServer({ noDelay: true }, (socket) => this.#accept(socket));
      this.#tcp.listen(port, this.address);
      await once(this.#tcp, 'listening');
    }
    this.#udp = createSocket(this.address.includes(':') ? 'udp6' : 'udp4');
    this.#udp.on('message', (bytes, { address, port: peerPort }) => {
      const send = (octets: Buffer): void => void this.#udp?.send(octets, peerPort, address);
      this.#take(bytes, { transport: 'udp', address, port: peerPort, connection: -1, send, hangUp: () => undefined });
    });
    this.#udp.bind(tcp ? (this.#tcp!.address() as AddressInfo).port : port, this.address);
    await once(this.#udp, 'listening');
  }

  /** Fulfilled when so many queries have come in all. */
  async arrival(count: number): Promise<void> {
    if (this.received.length < count) await new Promise<void>((arrived) => this.#awaited.push({ count, arrived }));
  }

  /** Closes all open TCP connections, as a server does that has waited long enough. */
  hangUp(): void {
    for (const socket of this.#open) socket.end();
  }

  async close(): Promise<void> {
    const udp = this.#udp;
    this.#udp = undefined;
    if (udp !== undefined) await new Promise<void>((closed) => udp.close(closed));
    for (const socket of this.#open) socket.destroy();
    if (this.#tcp !== undefined) await new Promise((closed) => this.#tcp!.close(closed));
  }

  #accept(socket: TcpSocket): void {
    const connection = this.connections++;
    const deframer = new Deframer();
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    const peer: Peer = {
      transport: 'tcp', address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0, connection,
      send: (octets) => void socket.write(octets),
      hangUp: () => void socket.destroy(),
    };
    socket.on('data', (segment: Buffer) => {
      for (const bytes of deframer.push(segment)) this.#take(Buffer.from(bytes), peer);
    });
  }

  #take(bytes: Buffer, peer: Peer): void {
    // A forwarder that is no judge of its clients' messages passes on what nobody can read.
    if (judgeHeader(bytes) !== accepted || endOfQuestion(bytes) === -1) return;
    const query = new ReceivedQuery(bytes, peer);
    this.received.push(query);
    for (const { count, arrived } of this.#awaited) if (this.received.length >= count) arrived();
    void Promise.resolve(this.behaviour(query)).then((message) => {
      if (message !== undefined) query.send(message);
    });
  }
}

/** Opens a server on loopback. Close it when the test is over. */
export async function startLoopbackUpstream(behaviour: Behaviour = helpful, options: LoopbackOptions = {}): Promise<LoopbackUpstream> {
  for (let attempt = 0; ; attempt++) {
    const upstream = new LoopbackUpstream(behaviour, options.address ?? '127.0.0.1');
    try {
      await upstream.open(options);
      return upstream;
    } catch (error) {
      // The port that TCP got may be taken for UDP.
      await upstream.close();
      if (attempt === 10) throw error;
    }
  }
}

/** A port on loopback where nobody answers, so that a query to it comes back as "port unreachable". */
export async function closedPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(closed));
  return port;
}
