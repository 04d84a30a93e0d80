/** What the YAML configuration of the earlier vpndns says: every key checked, and in the terms of a Corefile. */
import { RE2JS } from 're2js';
import { parseAddress, parseCidr, parseEndpoint, textOfEndpoint, type Address, type Cidr, type Endpoint } from '../core/address.js';
import { messageOf, type Position } from '../core/errors.js';
import { isNameText } from '../core/name.js';
import type { Findings, Yaml, YamlText } from '../core/yaml.js';

/** A regular expression that fits between a Corefile's quotation marks, and whether `re2js` can run it. */
export interface Pattern {
  readonly text: string;
  readonly usable: boolean;
}

/** Where something listens; no address means all of them. */
export interface Listener {
  readonly address: Address | undefined;
  readonly port: number;
}

export interface Settings {
  readonly listeners: readonly Listener[];
  readonly workers: number;
  readonly api: readonly Endpoint[];
  readonly byName: readonly { readonly pattern: Pattern; readonly server: string }[];
  readonly identity: readonly string[];
  readonly byNetwork: readonly { readonly network: string; readonly server: string }[];
  readonly defaultServer: string | undefined;
  readonly ttlOverrides: readonly { readonly name: string; readonly seconds: number }[];
  readonly blocklist: { readonly dir: string | undefined; readonly onlyA: boolean; readonly exempt: readonly string[] };
  readonly nxdomain: readonly Pattern[];
  readonly records: { readonly file: string | undefined; readonly ttl: number; readonly autoPtr: boolean };
  readonly logQueries: boolean;
  readonly logErrors: boolean;
}

const keys = [
  'dns_listeners', 'interface_listen', 'nameservers', 'nameserver_default', 'nameserver_regex', 'vpn_jail', 'ttl_override',
  'blocklist_dir', 'blocklist_only_a', 'print_blocklist_read_progress', 'client_exemptions', 'nxdomain_regex',
  'static_records', 'static_records_auto_ptr', 'static_records_ttl', 'output_stdout', 'output_stderr',
] as const;
type Key = (typeof keys)[number];
const isKey = (text: string): text is Key => (keys as readonly string[]).includes(text);

/** Keys that say nothing unless another one is there. */
const companions: readonly (readonly [key: Key, needs: Key])[] = [
  ['blocklist_only_a', 'blocklist_dir'],
  ['client_exemptions', 'blocklist_dir'],
  ['static_records_auto_ptr', 'static_records'],
  ['static_records_ttl', 'static_records'],
];

const dnsPort = 53;
const apiPort = 8080;
const staticTtlSeconds = 1;
/** RFC 2181 section 8. */
const ttlSecondsMax = 2 ** 31 - 1;
const anyIPv4 = parseAddress('0.0.0.0')!;
const everywhere: Listener = { address: undefined, port: dnsPort };

/** A Corefile replaces these by environment variables and arguments. */
const variable = /\{(?:[$%]|args\[)/;

/** The same expression without what a quoted word can't hold: quotation marks, control characters, variables, a backslash at the end. */
const quotable = (pattern: string): string =>
  pattern.replace(/\\?([\0-\x1f"]|\{(?=[$%]|args\[)|\\$)|\\[^]/g, (pair, special?: string) =>
    special === undefined ? pair : `\\x${special.charCodeAt(0).toString(16).padStart(2, '0')}`);

const textOfCidr = ({ text, network, prefix }: Cidr): string => (prefix === network.bits ? network.text : text);

/** Reads the settings out of the tree; every mistake and warning goes to `findings`. */
export function readSettings(tree: Yaml, findings: Findings): Settings {
  const file = new SettingsReader(tree, findings);
  const blocklist = { dir: file.path('blocklist_dir'), onlyA: file.flag('blocklist_only_a', true), exempt: file.cidrs('client_exemptions') };
  const records = { file: file.path('static_records'), ttl: file.staticTtl(), autoPtr: file.flag('static_records_auto_ptr', true) };
  const stdout = file.flag('output_stdout', false);
  const stderr = file.flag('output_stderr', false);
  return {
    ...file.listeners(),
    api: file.api(),
    byName: file.servers('nameserver_regex').map(({ key, server }) => ({ pattern: file.pattern(key), server })),
    identity: [...new Set(file.cidrs('vpn_jail'))],
    byNetwork: file.networks(),
    defaultServer: file.defaultServer(),
    ttlOverrides: file.ttlOverrides(),
    blocklist,
    nxdomain: file.texts('nxdomain_regex').map((item) => file.pattern(item)),
    records,
    logQueries: stdout,
    // Standard output took the errors as well.
    logErrors: stdout || stderr,
  };
}

/** Reads one key at a time; what can't be used is reported and left out. */
class SettingsReader {
  readonly #values = new Map<Key, Yaml>();
  readonly #root: Position;
  readonly #findings: Findings;

  constructor(tree: Yaml, findings: Findings) {
    this.#root = tree.at;
    this.#findings = findings;
    if (tree.kind !== 'map') findings.mistake(tree.at, 'expected a map of keys such as nameserver_default');
    for (const [key, value] of tree.kind === 'map' ? tree.entries : []) {
      if (!isKey(key.text)) findings.warn(key.at, `'${key.text}' is no key of vpndns; it was left out`);
      else if (value.kind !== 'nothing') this.#values.set(key.text, value);
    }
    for (const [key, needs] of companions) {
      const value = this.#values.get(key);
      if (value !== undefined && !this.#values.has(needs)) findings.warn(value.at, `${key} has no effect without ${needs}; it was left out`);
    }
  }

  /** `dns_listeners`: where to listen, or how many processes do. */
  listeners(): { listeners: Listener[]; workers: number } {
    const value = this.#values.get('dns_listeners');
    if (value?.kind === 'text' && /^\d+$/.test(value.text)) return { listeners: [everywhere], workers: Number(value.text) };
    const items = value?.kind === 'list' ? value.items : value?.kind === 'text' ? [value] : [];
    if (items.length > 0) return { listeners: items.flatMap((item) => this.#listener(item, dnsPort) ?? []), workers: 1 };
    const problem = value === undefined ? 'dns_listeners is missing' : 'dns_listeners names no listener';
    this.#findings.warn(value?.at ?? this.#root, `${problem}; the Corefile listens on port ${dnsPort} of every address`);
    return { listeners: [everywhere], workers: 1 };
  }

  /** `interface_listen`: where the HTTP API is. */
  api(): Endpoint[] {
    return this.list('interface_listen').flatMap((item) => {
      const listener = this.#listener(item, apiPort);
      return listener === undefined ? [] : { address: listener.address ?? anyIPv4, port: listener.port };
    });
  }

  /** The items of a key's list; a single item may stand without brackets. */
  list(key: Key): readonly Yaml[] {
    const value = this.#values.get(key);
    if (value?.kind === 'map') this.#findings.mistake(value.at, `${key}: expected a list`);
    return value?.kind === 'list' ? value.items : value?.kind === 'text' ? [value] : [];
  }

  texts(key: Key): YamlText[] {
    return this.list(key).flatMap((item) => (item.kind === 'text' ? item : (this.#findings.mistake(item.at, `${key}: expected a text`) ?? [])));
  }

  cidrs(key: Key): string[] {
    return this.texts(key).flatMap((item) => this.#cidr(item) ?? []);
  }

  /** `nameservers`. Of two spellings of one network only the first can act. */
  networks(): { network: string; server: string }[] {
    const seen = new Map<string, Position>();
    return this.servers('nameservers').flatMap(({ key, server }) => {
      const network = this.#cidr(key);
      const earlier = network === undefined ? undefined : seen.get(network);
      if (earlier !== undefined) this.#findings.warn(key.at, `${key.text} is the network of line ${earlier.line} again; the first one is kept`);
      if (network === undefined || earlier !== undefined) return [];
      seen.set(network, key.at);
      return { network, server };
    });
  }

  /** A map whose values are nameservers. */
  servers(key: Key): { key: YamlText; server: string }[] {
    return this.#pairs(key).flatMap(([name, value]) => {
      const server = this.#server(value);
      return server === undefined ? [] : { key: name, server };
    });
  }

  defaultServer(): string | undefined {
    const value = this.#values.get('nameserver_default');
    if (value === undefined) this.#findings.warn(this.#root, 'nameserver_default is missing; a query that no other rule matches is refused');
    return value && this.#server(value);
  }

  /** `ttl_override`. The name was the end of a regular expression, so its dots may be escaped and a dot may lead. */
  ttlOverrides(): { name: string; seconds: number }[] {
    return this.#pairs('ttl_override').flatMap(([key, value]) => {
      const name = key.text.replaceAll('\\.', '.').replace(/^\*?\./, '');
      if (!/^[^\s\\"#{}*+?^$|()[\]]+$/.test(name) || !isNameText(name)) return this.#findings.mistake(key.at, `'${key.text}' is no domain name`) ?? [];
      const seconds = this.#seconds(value);
      return seconds === undefined ? [] : { name, seconds };
    });
  }

  staticTtl(): number {
    const value = this.#values.get('static_records_ttl');
    return (value && this.#seconds(value)) ?? staticTtlSeconds;
  }

  flag(key: Key, fallback: boolean): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return fallback;
    if (value.kind === 'text' && /^(?:1|true|yes|on)$/i.test(value.text)) return true;
    if (value.kind === 'text' && /^(?:0|false|no|off)?$/i.test(value.text)) return false;
    return this.#findings.mistake(value.at, `${key}: expected true or false`) ?? fallback;
  }

  path(key: Key): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // A quoted word of a Corefile can't end in a backslash or hold one before a quotation mark.
    if (value.kind !== 'text' || /^$|[\0-\x1f]|\\"|\\$/.test(value.text)) return this.#findings.mistake(value.at, `${key}: expected a path`);
    if (variable.test(value.text)) return this.#findings.mistake(value.at, `${key}: a Corefile takes '{$', '{%' and '{args[' for variables`);
    return value.text;
  }

  /** A regular expression; one that `re2js` can't run is kept as a remark. */
  pattern({ text, at }: YamlText): Pattern {
    try {
      RE2JS.compile(text, RE2JS.CASE_INSENSITIVE);
      return { text: quotable(text), usable: true };
    } catch (error) {
      const reason = messageOf(error).replace(/^error parsing regexp: /, '');
      this.#findings.warn(at, `no linear-time engine can run this (${reason}); it is a comment in the Corefile, and its names follow the other rules`);
      return { text: quotable(text), usable: false };
    }
  }

  /** `[ADDRESS, PORT]`, `ADDRESS:PORT`, `ADDRESS` or `PORT`; an empty address is every IPv4 address, as it was. */
  #listener(item: Yaml, defaultPort: number): Listener | undefined {
    if (item.kind === 'text' && isPort(Number(item.text))) return { address: undefined, port: Number(item.text) };
    const parts = item.kind === 'list' ? item.items : [item];
    const [host = '', port = String(defaultPort)] = parts.map((part) => (part.kind === 'text' ? part.text : ''));
    const understood = parts.length <= 2 && parts.every(({ kind }) => kind === 'text' || kind === 'nothing') && isPort(Number(port));
    const address = host === '' ? anyIPv4.text : host.replace(/^localhost(?=:|$)/, '127.0.0.1');
    const endpoint = understood ? parseEndpoint(address, Number(port)) : undefined;
    return endpoint ?? this.#findings.mistake(item.at, 'expected [ADDRESS, PORT]');
  }

  #pairs(key: Key): readonly (readonly [YamlText, Yaml])[] {
    const value = this.#values.get(key);
    if (value === undefined || value.kind === 'map') return value?.entries ?? [];
    this.#findings.mistake(value.at, `${key}: expected a map`);
    return [];
  }

  #cidr({ text, at }: YamlText): string | undefined {
    const cidr = parseCidr(text);
    return cidr === undefined ? this.#findings.mistake(at, `'${text}' is no address or network`) : textOfCidr(cidr);
  }

  #server(value: Yaml): string | undefined {
    const endpoint = value.kind === 'text' ? parseEndpoint(value.text, dnsPort) : undefined;
    if (endpoint === undefined) return this.#findings.mistake(value.at, "expected a nameserver's ADDRESS or ADDRESS:PORT");
    return endpoint.port === dnsPort ? endpoint.address.text : textOfEndpoint(endpoint);
  }

  #seconds(value: Yaml): number | undefined {
    const seconds = value.kind === 'text' && /^\d+$/.test(value.text) ? Number(value.text) : NaN;
    return seconds <= ttlSecondsMax ? seconds : this.#findings.mistake(value.at, 'expected a TTL in seconds');
  }
}

const isPort = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= 65_535;
