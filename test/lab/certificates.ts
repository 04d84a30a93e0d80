/** A certificate authority with everything that it signs, by openssl: elliptic curves, for they are made at once. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const days = '30';

export class Authority {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(directory: string): Promise<Authority> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const [certificate, key] = [join(directory, 'authority.crt'), join(directory, 'authority.key')];
    await run(['openssl', 'ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', key]);
    await run(['openssl', 'req', '-x509', '-new', '-key', key, '-subj', '/CN=lab authority', '-days', days, '-out', certificate]);
    return new Authority(directory);
  }

  /** @param name its common name, and the host name that it is good for */
  async sign(name: string, usage: 'serverAuth' | 'clientAuth'): Promise<Certificate> {
    const path = (end: string): string => join(this.#directory, end);
    const result = { certificate: path(`${name}.crt`), key: path(`${name}.key`), authority: path('authority.crt') };
    await run(['openssl', 'ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', result.key]);
    const request = await run(['openssl', 'req', '-new', '-key', result.key, '-subj', `/CN=${name}`,
      '-addext', `subjectAltName=DNS:${name}`, '-addext', `extendedKeyUsage=${usage}`, '-addext', 'keyUsage=digitalSignature']);
    await run(['openssl', 'x509', '-req', '-CA', result.authority, '-CAkey', path('authority.key'), '-CAcreateserial', '-days', days,
      '-copy_extensions', 'copyall', '-out', result.certificate], request);
    return result;
  }
}
