/** Queries over UDP. */
import type { Socket } from 'node:dgram';
import { textOfEndpoint } from '../address.js';
import { messageOf } from '../errors.js';
import { limits } from '../limits.js';
import { noLookup } from '../lookup.js';
import { sparingly } from '../remark.js';
import { addressParser } from './clients.js';
import { cannotListen, type Listener, type ListenerOptions } from './listener.js';

/**
 * To hear what became of an answer takes a tick of the event loop, some percent of all that a query costs. So one in this many is checked,
 * the first to begin with: whatever keeps answers from leaving (a firewall, a route) shows all the same.
 */
const answersPerCheck = 64;

export function udpListener({ endpoint, runtime, receive, shared = false, warn }: ListenerOptions): Listener {
  const { address, port } = endpoint;
  const local = textOfEndpoint(endpoint);
  const parse = addressParser();
  let taking = true;
  let answers = 0;
  const socket: Socket = runtime.sockets.udp({
    type: address.bits === 32 ? 'udp4' : 'udp6', ipv6Only: address.bits === 128, recvBufferSize: limits.udpReceiveBufferBytes, lookup: noLookup as never,
    ...(shared && { reusePort: true }),
  });
  const remark = sparingly(runtime.clock, warn);
  const sent = (error: Error | null): void => {
    if (error) remark(() => `udp ${local}: an answer could not be sent: ${error.message}`);
  };
  socket.on('message', (message, { address: from, port: fromPort }) => {
    // Port 0 can't be answered.
    if (!taking || fromPort === 0) return;
    receive(message, { address: parse(from), port: fromPort, transport: 'udp', local }, (answer) => {
      if (answer === undefined) return;
      try {
        socket.send(answer, fromPort, from, answers++ % answersPerCheck === 0 ? sent : undefined);
      } catch (error) {
        // Closed since: a stop has a bounded patience.
        remark(() => `udp ${local}: an answer could not be sent: ${messageOf(error)}`);
      }
    });
  });
  return {
    open: () =>
      new Promise((resolve, reject) => {
        const fail = (error: Error): void => reject(cannotListen('udp', local, error));
        socket.once('error', fail);
        socket.bind({ address: address.text, port, exclusive: true }, () => {
          socket.off('error', fail);
          socket.on('error', (error) => warn(`udp ${local}: ${error.message}`));
          resolve();
        });
      }),
    quiesce: () => void (taking = false),
    close: () =>
      new Promise((resolve) => {
        try {
          socket.close(() => resolve());
        } catch {
          // It never opened.
          resolve();
        }
      }),
  };
}
