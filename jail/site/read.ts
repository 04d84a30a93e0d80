/** Reads a site file and all that it needs, and tells every mistake at once. */
import { dirname, resolve } from 'node:path';
import { at, ConfigError, messageOf, type Mistake, type Position } from '../../core/errors.js';
import { checkSite } from './check/check.js';
import { derive } from './derive.js';
import { Document } from './document.js';
import { checkPresence, type LookAtFile } from './check/presence.js';
import type { Report } from './check/report.js';
import { readProvider, type ProviderServer } from './provider.js';
import { siteSchema, wanSchema, type SiteFile } from './schema.js';
import type { Platform, Site } from './site.js';

/** The text of a file; throws when it can't be read. */
export type ReadFile = (file: string) => string;

export interface ReadOptions {
  /** Where it is given, all other files that the site file names have to be there too, and secrets must be secret; without it, any host will do. */
  readonly lookAtFile?: LookAtFile;
  /** In place of what the site file says. */
  readonly platform?: Platform;
}

/**
 * Reads a site file, the WAN file, and the providers' configurations that the site file names.
 * Throws a ConfigError with every mistake in them.
 */
export function readSite(file: string, readFile: ReadFile, { lookAtFile, platform }: ReadOptions = {}): Site {
  const document = open(file, readFile, { file, line: 1, column: 1 });
  const site = document.read(siteSchema(file));
  const wanFile = document.textAt(['wan']);
  if (wanFile === undefined) throw new ConfigError(document.mistakes);
  const wanDocument = open(resolve(dirname(file), wanFile), readFile, document.placeOf(['wan']));
  const wan = wanDocument.read(wanSchema);
  if (site === undefined || wan === undefined) throw new ConfigError([...document.mistakes, ...wanDocument.mistakes]);
  const files = { site, wan, inSite: reportIn(document), inWan: reportIn(wanDocument) };
  checkSite(files);
  const { servers, mistakes } = readProviders(site, document, readFile);
  if (lookAtFile !== undefined) checkPresence(files, { readFile, lookAtFile });
  const all = [...document.mistakes, ...wanDocument.mistakes, ...mistakes];
  if (all.length > 0) throw new ConfigError(all);
  return derive({ file, site: { ...site, platform: platform ?? site.platform }, wan, servers });
}

const reportIn = (document: Document): Report =>
  Object.assign((path: readonly PropertyKey[], problem: string) => document.mistake(path, problem), {
    at: (path: readonly PropertyKey[]) => at(document.placeOf(path)),
  });

function open(file: string, readFile: ReadFile, namedAt: Position): Document {
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    throw new ConfigError([{ at: namedAt, problem: `${file} can't be read: ${messageOf(error)}` }]);
  }
  return new Document(file, text);
}

interface Providers {
  readonly servers: ReadonlyMap<string, readonly ProviderServer[]>;
  readonly mistakes: readonly Mistake[];
}

function readProviders({ containers }: SiteFile, document: Document, readFile: ReadFile): Providers {
  const servers = new Map<string, readonly ProviderServer[]>();
  const mistakes: Mistake[] = [];
  for (const [name, container] of Object.entries(containers)) {
    if (container.role !== 'vpn') continue;
    try {
      const found = readProvider(container.provider, readFile(container.configuration));
      servers.set(name, found.servers);
      mistakes.push(...found.mistakes.map(({ line, problem }) => ({ at: { file: container.configuration, line, column: 1 }, problem })));
    } catch (error) {
      document.mistake(['containers', name, 'configuration'], `${container.configuration} can't be read: ${messageOf(error)}`);
    }
  }
  return { servers, mistakes };
}
