/** Sites of the examples whose files are in a directory of the test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Site } from '../../../site/index.js';
import { exampleSite } from '../../../site/examples.js';

/** The same with another root directory: every absolute path in it begins there. */
function moved<T>(value: T, root: string): T {
  if (typeof value === 'string') return (value.startsWith('/') ? root + value : value) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => moved(each, root)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved<unknown>(each, root)])) as T;
}

/** An example below a directory, with the files that it names. */
export function siteBelow(root: string, name: string): Site {
  const site = moved<Site>({ ...exampleSite(name), platform: 'freebsd', directories: { run: '/var/run/vpncore', state: '/var/db/vpncore' } }, root);
  const { certificate, key, authority } = site.ipsec;
  const files = [certificate, key, authority, site.peersSecret, site.dns.records, ...site.vpnContainers.map(({ configuration }) => configuration)];
  for (const file of files.filter((path) => path !== undefined)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${file}\n`);
  }
  const directories = [site.freebsd.root, dirname(site.directories.run), dirname(site.directories.state), site.dns.blocklists];
  for (const directory of directories.filter((path) => path !== undefined)) mkdirSync(directory, { recursive: true });
  return site;
}
