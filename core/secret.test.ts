import test from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretFile } from './secret.js';

test('a secret is read without the white space around it, and never shown', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  const file = join(directory, 'token');
  const secret = secretFile().read('token', { file: join(directory, 'Corefile'), line: 1, column: 1 });
  await t.throwsAsync(secret.read(), { name: 'OperationalError', message: /^can't read the secret: ENOENT/ });
  await writeFile(file, ' \n');
  await t.throwsAsync(secret.read(), { name: 'OperationalError', message: `there is no secret in ${file}` });
  await writeFile(file, ' open sesame\n');
  t.is(await secret.read(), 'open sesame');
  t.is(JSON.stringify({ secret }), '{"secret":"***"}');
  await rm(directory, { recursive: true });
});
