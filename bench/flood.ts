/**
 * A load that waits for nothing, and does not even look at the answers: `node dist/bench/flood.js PORT FILE SECONDS RATE` sends the queries of the
 * file, over and over, at that rate, and prints how many it sent.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { writeQuery } from './message.js';

const [port, file, seconds, rate] = [Number(process.argv[2]), process.argv[3]!, Number(process.argv[4]), Number(process.argv[5])];
/** Queries between two looks at the clock. */
const volley = 50;

const queries = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => writeQuery(line.split(' ')[0]!));
const sockets = await Promise.all(Array.from({ length: 8 }, async () => {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}));
let sent = 0;
for (const begun = performance.now(); performance.now() - begun < seconds * 1000; await turn()) {
  const due = ((performance.now() - begun) / 1000) * rate;
  for (let i = 0; i < volley && sent < due; i++, sent++) sockets[sent % sockets.length]!.send(queries[sent % queries.length]!);
}
for (const socket of sockets) socket.close();
process.stdout.write(String(sent));
