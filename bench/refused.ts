/** What it costs to refuse a message that is no acceptable query: of such ones, anybody can send as many as he likes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { counted } from './counts.js';
import { Figures, type Figure } from './figure.js';
import { writeQuery } from './message.js';
import { vpndns } from './servers.js';
import { freePort, type Workbench } from './workbench.js';

/** Microseconds of CPU a message, socket included. */
const limit = 20;
const messages = 100_000;
/** Messages between two pauses: far less than the socket's buffer holds. */
const volley = 200;
const name = 'www.example.org';
/** The metric of messages that are no acceptable query. */
const judged = /^vpndns_malformed_queries_total\{/;

/** A query for the address of a name, with fields of its header replaced. */
function changed(fields: Readonly<Record<number, number>>): Buffer {
  const message = writeQuery(name);
  for (const [offset, field] of Object.entries(fields)) message.writeUInt16BE(field, Number(offset));
  return message;
}

const kinds: Readonly<Record<string, Buffer>> = {
  'a response': changed({ 2: 0x8180 }),
  'counts of 65,535': changed({ 4: 65_535, 6: 65_535, 8: 65_535, 10: 65_535 }),
  'an UPDATE': changed({ 2: 0x2800 }),
  'a name of pointers': Buffer.concat([changed({}).subarray(0, 12), Buffer.from('c00c00010001', 'hex')]),
  'a foreign zone': writeQuery('www.example.com'),
};

export async function measureRefused(bench: Workbench): Promise<Figure[]> {
  const metricsPort = await freePort();
  const subject = await bench.start(vpndns(`acl { block type TXT }\nwhoami\nprometheus 127.0.0.1:${metricsPort}`, name));
  await subject.waitForAnswer(name, () => true);
  const socket = createSocket('udp4').on('message', () => undefined);
  socket.connect(subject.port, '127.0.0.1');
  await once(socket, 'connect');
  const figures = new Figures();
  for (let round = -1; round < bench.rounds; round++) {
    for (const [kind, message] of Object.entries(kinds)) {
      const [count, cpu] = [await counted(metricsPort, judged), subject.cpuSeconds()];
      for (let sent = 0; sent < (bench.quick ? messages / 5 : messages); sent += volley) {
        for (let i = 0; i < volley; i++) socket.send(message);
        await pause(1);
      }
      await pause(100);
      const cost = ((subject.cpuSeconds() - cpu) * 1e6) / ((await counted(metricsPort, judged)) - count);
      // The first round is for the compiler.
      if (round >= 0) figures.add(`refused, ${kind}: CPU a message`, cost, 'µs', limit);
    }
    bench.progress(`refused, round ${round + 1} of ${bench.rounds}`);
  }
  figures.add('refused messages: resident memory after all of them', subject.memory().now, 'MiB');
  socket.close();
  await subject.stop();
  return figures.all;
}
