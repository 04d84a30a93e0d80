/** The files that a site file names: there, of the right kind, and not for everybody to read where they hold a secret. */
import { limits } from '../../../core/limits.js';
import { messageOf } from '../../../core/errors.js';
import type { Path } from '../document.js';
import type { SiteFiles } from './report.js';

/** What the host knows of a file; undefined when there is none. */
export type LookAtFile = (file: string) => FileFacts | undefined;

export interface FileFacts {
  readonly isDirectory: boolean;
  /** Permission bits. */
  readonly mode: number;
}

export interface Disk {
  readonly readFile: (file: string) => string;
  readonly lookAtFile: LookAtFile;
}

type Need = { readonly file: string; readonly path: Path; readonly kind: 'file' | 'directory' | 'secret' };

/** Reports every file that is missing, or open to others. */
export function checkPresence(files: SiteFiles, disk: Disk): void {
  for (const need of needsOf(files)) {
    const problem = problemOf(need, disk.lookAtFile(need.file));
    if (problem !== undefined) files.inSite(need.path, `${need.file} ${problem}`);
  }
  checkSecret(files, disk);
}

function needsOf({ site }: SiteFiles): Need[] {
  const needs: Need[] = [];
  const add = (kind: Need['kind'], file: string | undefined, path: Path): void => {
    if (file !== undefined) needs.push({ kind, file, path });
  };
  for (const [name, container] of Object.entries(site.containers)) {
    const path = (key: string): Path => ['containers', name, key];
    if (container.role === 'ipsec') {
      add('file', container.certificate, path('certificate'));
      add('file', container.authority, path('authority'));
      add('secret', container.key, path('key'));
    } else if (container.role === 'vpndns') {
      add('file', container.more, path('more'));
      add('file', container.records, path('records'));
      add('directory', container.blocklists, path('blocklists'));
    } else if (container.role === 'vpn') {
      // WireGuard's file holds the private key.
      add(container.provider === 'wireguard' ? 'secret' : 'file', container.configuration, path('configuration'));
    }
  }
  add('secret', site.secrets.peers, ['secrets', 'peers']);
  return needs;
}

function problemOf({ kind }: Need, facts: FileFacts | undefined): string | undefined {
  if (facts === undefined) return 'is missing';
  if (facts.isDirectory !== (kind === 'directory')) return kind === 'directory' ? 'is no directory' : 'is a directory';
  const isOpen = kind === 'secret' && (facts.mode & 0o077) !== 0;
  return isOpen ? `holds a secret and is open to others (mode ${(facts.mode & 0o777).toString(8)}); chmod 600 it` : undefined;
}

/** dynvpn takes no shorter one. */
function checkSecret({ site: { secrets: { peers } }, inSite }: SiteFiles, { readFile, lookAtFile }: Disk): void {
  if (peers === undefined || lookAtFile(peers)?.isDirectory !== false) return;
  try {
    const { length } = readFile(peers).trim();
    if (length < limits.haSecretLength) inSite(['secrets', 'peers'], `the secret has ${length} characters; it needs ${limits.haSecretLength}`);
  } catch (error) {
    inSite(['secrets', 'peers'], `${peers} can't be read: ${messageOf(error)}`);
  }
}
