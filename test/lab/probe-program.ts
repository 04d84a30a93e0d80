/**
 * `probe-program.js SOURCE ADDRESS PORT MS`: a question by UDP every MS milliseconds, from its own clock; a line for each answer: its number,
 * when it was sent, when it was answered (milliseconds of the machine's monotonic clock), and by whom it was seen to come.
 */
import { createSocket } from 'node:dgram';

const [source = '', address = '', port = '', spacing = ''] = process.argv.slice(2);
const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
const started = now();
const sentAt: number[] = [];
const socket = createSocket('udp4');

socket.on('message', (message) => {
  const [number = '', seen = ''] = message.toString().split(' ');
  process.stdout.write(`${number} ${sentAt[Number(number)]} ${now()} ${seen}\n`);
});
// No route, or an ICMP error of an earlier one: that question gets no answer.
socket.on('error', () => undefined);

function send(): void {
  const number = sentAt.push(now()) - 1;
  socket.send(String(number), Number(port), address, () => undefined);
  setTimeout(send, Math.max(0, started + (number + 1) * Number(spacing) - now()));
}
socket.bind(0, source, send);
process.stdin.resume().on('end', () => process.exit());
