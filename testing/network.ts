/**
 * A network in memory, between a server under test and the servers that it asks: UDP and TCP as a host uses them, without the system, without
 * time and without chance. What is sent arrives when `flush` is called, in the order in which it was sent.
 */
import type { Socket as UdpSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import type { NetConnectOpts, Socket as TcpSocket } from 'node:net';
import { parseAddress, textOfEndpoint } from '../core/address.js';
import type { Sockets } from '../core/runtime.js';
import { Deframer } from '../core/wire/frame.js';
import { ReceivedQuery } from './upstream.js';

/** A query that has come to a server of the network. */
export interface Arrival {
  /** `ADDRESS:PORT` of the server. */
  readonly server: string;
  /** The address from which it was sent; the empty text when the system was to choose. */
  readonly from: string;
  readonly query: ReceivedQuery;
}

export class TestNetwork {
  /** Servers (`ADDRESS:PORT`) where nobody listens: what is sent to them comes back as "refused". */
  readonly down = new Set<string>();
  /** Called with each query that arrives. */
  onArrival: (arrival: Arrival) => void = () => undefined;
  readonly #events: (() => void)[] = [];
  #connections = 0;

  /** For the runtime of the server under test. Nothing listens here: its clients are asked for it by the test. */
  readonly sockets: Sockets = {
    udp: () => new Datagrams(this) as unknown as UdpSocket,
    connect: (options) => new Stream(this, options, this.#connections++) as unknown as TcpSocket,
    server: () => {
      throw new Error('nobody can listen in a network in memory');
    },
  };

  /** Lets everything arrive that is under way, and what is sent because of it. */
  flush(): void {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) event();
  }

  /** For the sockets: something that happens at the next flush. */
  soon(event: () => void): void {
    this.#events.push(event);
  }
}

const refusal = (server: string): Error => Object.assign(new Error(`connect ECONNREFUSED ${server}`), { code: 'ECONNREFUSED' });
const endpointOf = (address: string, port: number): string => textOfEndpoint({ address: parseAddress(address)!, port });

/** A socket of the network: what happens to a closed one, nobody hears. */
abstract class End extends EventEmitter {
  protected readonly network: TestNetwork;
  #isClosed = false;

  constructor(network: TestNetwork) {
    super();
    this.network = network;
  }

  protected soon(event: () => void): void {
    this.network.soon(() => {
      if (!this.#isClosed) event();
    });
  }

  protected shut(): void {
    if (this.#isClosed) return;
    this.network.soon(() => this.emit('close'));
    this.#isClosed = true;
  }
}

/** As much of a connected `dgram.Socket` as an upstream's channel uses. */
class Datagrams extends End {
  #server = '';
  #from = '';

  bind({ address = '' }: { readonly address?: string }): this {
    this.#from = address;
    this.soon(() => this.emit('listening'));
    return this;
  }

  connect(port: number, address: string): void {
    this.#server = endpointOf(address, port);
    this.soon(() => this.emit('connect'));
  }

  send(packet: Buffer, sent?: (error: Error | null) => void): void {
    const bytes = Buffer.from(packet);
    this.soon(() => {
      sent?.(null);
      if (this.network.down.has(this.#server)) this.emit('error', refusal(this.#server));
      else this.network.onArrival({ server: this.#server, from: this.#from, query: this.#receive(bytes) });
    });
  }

  close(): this {
    this.shut();
    return this;
  }

  #receive(bytes: Buffer): ReceivedQuery {
    const send = (octets: Buffer): void => this.soon(() => this.emit('message', octets));
    return new ReceivedQuery(bytes, { transport: 'udp', address: this.#from, port: 0, connection: -1, send, hangUp: () => undefined });
  }
}

/** As much of a `net.Socket` as an upstream's connection uses. */
class Stream extends End {
  readonly #server: string;
  readonly #from: string;
  readonly #connection: number;
  readonly #deframer = new Deframer();

  constructor(network: TestNetwork, options: NetConnectOpts, connection: number) {
    super(network);
    const { host, port, localAddress = '' } = options as { readonly host: string; readonly port: number; readonly localAddress?: string };
    this.#server = endpointOf(host, port);
    this.#from = localAddress;
    this.#connection = connection;
    this.soon(() => {
      if (network.down.has(this.#server)) this.emit('error', refusal(this.#server));
    });
  }

  write(octets: Buffer): boolean {
    const bytes = Buffer.from(octets);
    this.soon(() => {
      for (const message of this.#deframer.push(bytes)) {
        this.network.onArrival({ server: this.#server, from: this.#from, query: this.#receive(Buffer.from(message)) });
      }
    });
    return true;
  }

  destroy(): this {
    this.shut();
    return this;
  }

  #receive(bytes: Buffer): ReceivedQuery {
    return new ReceivedQuery(bytes, {
      transport: 'tcp', address: this.#from, port: 0, connection: this.#connection,
      send: (octets) => this.soon(() => this.emit('data', octets)),
      hangUp: () => this.soon(() => this.emit('end')),
    });
  }
}
