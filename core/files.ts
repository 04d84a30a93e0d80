/** Files that must survive a crash whole. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file so that, whatever happens, it holds the old content or the new, never half of one: to a temporary file beside it, to the disk,
 * and then into place. Readable by its owner alone.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
