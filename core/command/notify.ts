/** systemd's readiness protocol (sd_notify): says when the server is up, reloads and stops. */
import { execFile } from 'node:child_process';
import type { Logger } from '../log.js';
import type { Runtime } from '../runtime.js';

/**
 * Node.js has no datagram sockets in the file system, so `systemd-notify`, which is wherever systemd is, carries the message; the unit needs
 * `NotifyAccess=all`. Without `NOTIFY_SOCKET` nothing happens.
 */
export function createNotifier(env: Runtime['env'], log: Logger): (state: string) => void {
  if (env['NOTIFY_SOCKET'] === undefined) return () => undefined;
  return (state) => {
    const words = [`--pid=${process.pid}`, state];
    // Type=notify-reload wants to know when a reload began, in microseconds of the monotonic clock.
    if (state === 'RELOADING=1') words.push(`MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    execFile('systemd-notify', words, { timeout: 5000 }, (error) => {
      if (error !== null) log.warning(`cannot tell systemd '${state}': ${error.message.trim()}`);
    });
  };
}
