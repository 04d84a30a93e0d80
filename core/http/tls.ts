/** The certificate with which an HTTP listener speaks TLS. */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { messageOf, OperationalError } from '../errors.js';
import type { SecretFile } from '../secret.js';

export interface TlsFiles {
  /** PEM: the certificate and those between it and the root. */
  readonly cert: string;
  readonly key: SecretFile;
}

/** Reads the files anew. Fails with an `OperationalError` that names them. */
export async function loadTls({ cert, key }: TlsFiles): Promise<SecureContext> {
  try {
    return createSecureContext({ cert: await readFile(cert), key: await key.read(), minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new OperationalError(`can't use the certificate ${cert} with its key: ${messageOf(error)}`);
  }
}

export const isSameTls = (a: TlsFiles | undefined, b: TlsFiles | undefined): boolean => a?.cert === b?.cert && a?.key.path === b?.key.path;
