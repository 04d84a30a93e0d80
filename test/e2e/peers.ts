/** Other DNS servers, as forwarders to an upstream on loopback. */
import type { ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryOf, freePort, Running } from './process.js';

export interface PeerServer {
  readonly port: number;
  readonly process: Running;
}

/** unbound on a free port of 127.0.0.1. @param lines of its `server:` clause, and of what follows */
export async function unboundWith(t: ExecutionContext, ...lines: readonly string[]): Promise<PeerServer> {
  const port = await freePort();
  const file = join(directoryOf(t), 'unbound.conf');
  writeFileSync(file, `remote-control:
  control-enable: no
server:
  interface: 127.0.0.1@${port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
${lines.join('\n')}
`);
  return { port, process: new Running(t, 'unbound', ['-d', '-p', '-c', file]) };
}

/** unbound without validation and without the zones that it answers itself, so that every question reaches the upstream. */
export const forwardingUnbound = (t: ExecutionContext, upstream: number): Promise<PeerServer> => unboundWith(t,
  'module-config: "iterator"', 'do-not-query-localhost: no', 'unblock-lan-zones: yes', 'local-zone: "test." nodefault', 'serve-expired: no',
  'forward-zone:', 'name: "."', `forward-addr: 127.0.0.1@${upstream}`,
);

export async function forwardingDnsmasq(t: ExecutionContext, upstream: number): Promise<PeerServer> {
  const port = await freePort();
  const process = new Running(t, 'dnsmasq', [
    '--keep-in-foreground', '--conf-file=/dev/null', `--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--user=', '--pid-file=',
    '--no-resolv', '--no-hosts', `--server=127.0.0.1#${upstream}`,
  ]);
  return { port, process };
}
