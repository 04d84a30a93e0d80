/** The server behind forwarded queries: every name has the address 192.0.2.1, RECORDS times. `node dist/bench/upstream.js PORT [RECORDS 1]`. */
import { createSocket } from 'node:dgram';
import { answerTo } from './message.js';

const records = Number(process.argv[3] ?? 1);
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (message, { address, port }) => {
  const answer = answerTo(message, records);
  socket.send(answer, port, address);
});
socket.bind(Number(process.argv[2]), '127.0.0.1');
