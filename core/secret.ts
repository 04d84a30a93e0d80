/** Secrets stand in files of their own, so that a Corefile can be shown to anybody. */
import { readFile } from 'node:fs/promises';
import { messageOf, OperationalError } from './errors.js';
import { path, value, type Value } from './properties.js';

/** A file that holds a secret; where a configuration is shown, neither its content nor its path is. */
export class SecretFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Its content without the white space around it. Fails with an `OperationalError` when it can't be read or is empty. */
  async read(): Promise<string> {
    const content = await readFile(this.path, 'utf8').catch((error: unknown) => {
      throw new OperationalError(`can't read the secret: ${messageOf(error)}`);
    });
    if (content.trim() === '') throw new OperationalError(`there is no secret in ${this.path}`);
    return content.trim();
  }

  toJSON(): string {
    return hidden;
  }
}

/** What stands in place of a secret. */
export const hidden = '***';

export const secretFile = (): Value<SecretFile> => value('FILE', (word, at) => new SecretFile(path().read(word, at)));
