/** `whoami-program.js ADDRESS PORT`: tells whoever asks by UDP (a repetition of the question, a space, the asker's address) or HTTP (port 80) who it is. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const [address = '', port = ''] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (message, { address: asker, port: askerPort }) => socket.send(`${message.toString()} ${asker}`, askerPort, asker, () => undefined));
socket.bind(Number(port), address);
createServer((request, response) => response.end(`${request.socket.remoteAddress ?? ''}\n`)).listen(80, address);
