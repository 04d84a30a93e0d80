/** Sockets in the file system. */
import { lstat, unlink } from 'node:fs/promises';
import type { Sockets } from '../runtime.js';

/**
 * Removes the socket of a server that is gone, which would be in the way of a new one. A file of another kind stays, and so does a socket that
 * somebody serves.
 */
export async function removeStaleSocket(path: string, sockets: Sockets): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === true && !(await isServed(path, sockets))) await unlink(path);
}

const isServed = (path: string, sockets: Sockets): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = sockets.connect({ path });
    const settle = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
  });
