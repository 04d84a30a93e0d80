/**
 * `ask-program.js RESOLVER SOURCES ROUNDS NAMES`: asks all names from all sources (lists with commas) at once, ROUNDS times, and prints a line for each
 * answer: the source, the name, the status (a number of RFC 1035 section 4.1.1) and the addresses; `-` stands for no answer.
 */
import packet from 'dns-packet';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [resolver = '', sources = '', rounds = '', list = ''] = process.argv.slice(2);
const names = list.split(',');
const roundMs = 100;
/** A server that asks in vain says so after some seconds. */
const patienceMs = 10_000;

/** One client: a socket, and what it still waits for. */
async function ask(source: string): Promise<void> {
  const open = new Map<number, string>();
  const socket = createSocket('udp4').bind(0, source);
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  socket.on('message', (message) => {
    const { id = 0, flags = 0, answers = [] } = packet.decode(message);
    const name = open.get(id);
    if (name === undefined || !open.delete(id)) return;
    const addresses = answers.flatMap((answer) => (answer.type === 'A' ? [answer.data] : []));
    process.stdout.write(`${source} ${name} ${flags & 15} ${addresses.join(',') || '-'}\n`);
  });
  for (let round = 0; round < Number(rounds); round++) {
    for (const [i, name] of names.entries()) {
      const id = round * names.length + i + 1;
      open.set(id, name);
      const query = packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', class: 'IN', name }] });
      socket.send(query, 53, resolver, () => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, roundMs));
  }
  for (const deadline = Date.now() + patienceMs; open.size > 0 && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, roundMs));
  for (const name of open.values()) process.stdout.write(`${source} ${name} - -\n`);
  socket.close();
}

await Promise.all(sources.split(',').map(ask));
