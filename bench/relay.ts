/**
 * The floor of forwarding: what it costs to hand datagrams on with bare sockets of Node.js: `node dist/bench/relay.js PORT UPSTREAM`. As many sockets
 * lead upstream as a server needs whose queries can't be guessed.
 */
import { createSocket, type Socket } from 'node:dgram';
import { limits } from '../core/limits.js';
import { noLookup } from '../core/lookup.js';

const [port, upstream] = [Number(process.argv[2]), Number(process.argv[3])];
/** Who waits for the answer with an id. */
const waiting: ({ readonly id: number; readonly port: number; readonly address: string } | undefined)[] = new Array(0x10000);
let next = 0;

const clients = createSocket({ type: 'udp4', recvBufferSize: limits.udpReceiveBufferBytes, lookup: noLookup as never });
const upstreams = Array.from({ length: limits.upstreamSockets }, (): Socket => {
  const socket = createSocket({ type: 'udp4', lookup: noLookup as never });
  socket.on('message', (message) => {
    const asker = waiting[message.readUInt16BE(0)];
    if (asker === undefined) return;
    waiting[message.readUInt16BE(0)] = undefined;
    message.writeUInt16BE(asker.id, 0);
    clients.send(message, asker.port, asker.address);
  });
  socket.connect(upstream, '127.0.0.1');
  return socket;
});
clients.on('message', (message, { address, port: from }) => {
  next = (next + 1) & 0xffff;
  waiting[next] = { id: message.readUInt16BE(0), port: from, address };
  message.writeUInt16BE(next, 0);
  upstreams[Math.floor(Math.random() * upstreams.length)]!.send(message);
});
clients.bind(port, '127.0.0.1');
