/** `vpndns import SAMPLE.yml`: turns the YAML configuration of the earlier vpndns into a Corefile that behaves the same. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { inAny, parseCidr, textOfEndpoint, type Address } from '../core/address.js';
import { messageOf, OperationalError } from '../core/errors.js';
import { readSettings, type Listener, type Pattern, type Settings } from './import-settings.js';
import { Findings, readYaml } from '../core/yaml.js';

/**
 * @param text the YAML
 * @param file its name, for messages
 * @returns the Corefile, and what the reader should look at, each as `FILE:LINE:COLUMN: …`
 * @throws ConfigError with all mistakes and their positions when the text is not a configuration that can be kept
 */
export function importYaml(text: string, file: string): { corefile: string; warnings: string[] } {
  const findings = new Findings(text);
  const tree = readYaml(text, file, findings);
  const settings = readSettings(tree, findings);
  findings.throwIfMistaken();
  return { corefile: corefileOf(settings, basename(file).replace(/[\0-\x1f]/g, '?')), warnings: findings.warnings() };
}

/** `vpndns import FILE`: the Corefile to one stream, the warnings to the other. Throws what {@link importYaml} does, or why the file can't be read. */
export function printImport(file: string, output: Writable, warnings: Writable): void {
  const result = importYaml(readText(file), file);
  for (const warning of result.warnings) warnings.write(`${warning}\n`);
  output.write(result.corefile);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperationalError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

function corefileOf(settings: Settings, file: string): string {
  const shared = sections([
    refuseDnskey, staticRecords(settings), blocklist(settings), nxdomain(settings), ttlOverrides(settings), ['cache'], policy(settings), log(settings),
  ]);
  const processWide = sections([admin(settings), settings.workers > 1 ? [`workers ${settings.workers}`] : []]);
  const ports = [...new Set(settings.listeners.map(({ port }) => port))];
  const single = ports.length === 1;
  const servers = ports.map((port, i) =>
    block(`.:${port}`, sections([bind(settings.listeners, port), single ? shared : ['import vpndns'], i === 0 ? processWide : []])));
  const remark = [`# Made by 'vpndns import' from ${file}. The order of the directives does not matter: each plugin has its fixed place.`];
  return `${sections([remark, single ? [] : block('(vpndns)', shared), ...servers]).join('\n')}\n`;
}

/** Puts an empty line between sections, and leaves out empty ones. */
const sections = (parts: readonly (readonly string[])[]): string[] =>
  parts.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));

/** A head with its lines in braces. */
const block = (head: string, lines: readonly string[]): string[] => [`${head} {`, ...lines.map((line) => (line === '' ? '' : `    ${line}`)), '}'];

/** A word as it must stand in a Corefile. */
const word = (text: string): string => (/^[^\s"#{}\\]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`);

/** `KEYWORD what to server`, with the servers below each other. */
function routes(keyword: string, rows: readonly { readonly what: string; readonly server: string }[]): string[] {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map(({ what, server }) => `${keyword} ${what.padEnd(width)} to ${server}`);
}

const quoted = ({ text }: Pattern): string => `"${text}"`;

/** A remark above lines, when there are any. */
const remarked = (remark: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`# ${remark}`, ...lines]);

const refuseDnskey = block('acl', ['block type DNSKEY']);

function staticRecords({ records: { file, ttl, autoPtr } }: Settings): string[] {
  return file === undefined ? [] : block(`static ${word(file)}`, [`ttl ${ttl}`, `ptr ${autoPtr ? 'auto' : 'off'}`]);
}

function blocklist({ blocklist: { dir, onlyA, exempt } }: Settings): string[] {
  if (dir === undefined) return [];
  const lines = [`dir ${word(dir)}`, 'match exact', 'answer loopback', onlyA ? 'only_a' : 'all_types'];
  return block('blocklist', exempt.length === 0 ? lines : [...lines, `exempt ${exempt.join(' ')}`]);
}

function nxdomain({ nxdomain: patterns }: Settings): string[] {
  const usable = patterns.filter((pattern) => pattern.usable).map(quoted);
  const unusable = patterns.filter((pattern) => !pattern.usable).map(quoted);
  return [...unusable.map((pattern) => `# not expressible here: ${pattern}`), ...(usable.length === 0 ? [] : [`nxdomain ${usable.join(' ')}`])];
}

function ttlOverrides({ ttlOverrides: overrides }: Settings): string[] {
  return overrides.length === 0 ? [] : block('ttl', overrides.map(({ name, seconds }) => `override ${name} ${seconds}`));
}

function policy({ byName, identity, byNetwork, defaultServer }: Settings): string[] {
  const matches = routes('match', byName.map(({ pattern, server }) => ({ what: quoted(pattern), server })));
  const rules = sections([
    remarked('by name, before all else; the first that matches decides',
      matches.map((line, i) => (byName[i]!.pattern.usable ? line : `# not expressible here: ${line}`))),
    remarked('clients that are served by the resolver at their own address', identity.map((network) => `identity ${network}`)),
    remarked('by the client; the most specific network decides', routes('from', byNetwork.map(({ network, server }) => ({ what: network, server })))),
    defaultServer === undefined ? [] : [`default ${defaultServer}`],
  ]);
  return rules.length === 0 ? [] : block('source-policy-forward', rules);
}

const log = ({ logQueries, logErrors }: Settings): string[] => [...(logQueries ? ['log'] : []), ...(logErrors ? ['errors'] : [])];

const isLoopback = inAny([parseCidr('127.0.0.0/8')!, parseCidr('::1')!]);

function admin({ api }: Settings): string[] {
  if (api.length === 0) return [];
  const head = `http-admin ${api.map(textOfEndpoint).join(' ')}`;
  if (api.every(({ address }) => isLoopback(address))) return [head];
  return block(head, ['# Whoever reaches this address may use the API, as before. Name the networks that need it, or add: token FILE', 'allow 0.0.0.0/0 ::/0']);
}

/** Nothing when the port is open on every address. */
function bind(listeners: readonly Listener[], port: number): string[] {
  const addresses = listeners.filter((listener) => listener.port === port).map(({ address }) => address);
  const named = addresses.filter((address): address is Address => address !== undefined);
  return named.length < addresses.length ? [] : [`bind ${[...new Set(named.map(({ text }) => text))].join(' ')}`];
}
