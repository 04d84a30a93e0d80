/**
 * The floor: what a bare socket of Node.js costs. Sends every datagram back, marked as a response: `node dist/bench/floor.js PORT`.
 */
import { createSocket } from 'node:dgram';

const socket = createSocket('udp4');
socket.on('message', (message, { address, port }) => {
  message[2]! |= 0x80;
  socket.send(message, port, address);
});
socket.bind(Number(process.argv[2]), '127.0.0.1');
