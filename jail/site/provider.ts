/** The servers that a provider's configuration file names. */
import type { VpnContainer } from './site.js';

export type ProviderServer = VpnContainer['servers'][number];

/** A line of the file that can't be used. */
export interface ProviderMistake {
  readonly line: number;
  readonly problem: string;
}

const port = (text: string | undefined): number | undefined => {
  const number = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
};

/** A name or an IPv4 address, harmless in a command and in a rule. */
const isHost = (text: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(text);

interface Found {
  readonly servers: readonly ProviderServer[];
  readonly mistakes: readonly ProviderMistake[];
}

/**
 * Reads the servers of an OpenVPN (openvpn(8): `remote`, `proto`, `port`) or WireGuard (wg(8): `Endpoint`) configuration.
 * Mistakes are those that would leave the container without a server that it may reach.
 */
export const readProvider = (kind: VpnContainer['provider'], text: string): Found => (kind === 'openvpn' ? readOpenVpn(text) : readWireGuard(text));

function readOpenVpn(text: string): Found {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s)[#;].*$/, '').trim().split(/\s+/));
  const last = (...options: string[]): string | undefined => lines.findLast(([option = '']) => options.includes(option))?.[1];
  const [defaultPort, defaultProtocol] = [last('rport', 'port') ?? '1194', last('proto') ?? 'udp'];
  return collect(lines.map(([option, host = '', portText = defaultPort, protocol = defaultProtocol]) =>
    (option === 'remote' ? { host, port: port(portText), protocol: protocol.startsWith('tcp') ? 'tcp' : 'udp' } : undefined)), 'remote');
}

function readWireGuard(text: string): Found {
  return collect(text.split(/\r?\n/).map((line) => {
    const value = /^\s*endpoint\s*=\s*([^#]*)/i.exec(line)?.[1]?.trim();
    const split = value?.lastIndexOf(':') ?? -1;
    return value === undefined ? undefined : { host: value.slice(0, Math.max(split, 0)), port: port(value.slice(split + 1)), protocol: 'udp' };
  }), 'Endpoint');
}

type Candidate = { readonly host: string; readonly port: number | undefined; readonly protocol: 'udp' | 'tcp' } | undefined;

/** A candidate for each line that names a server. */
function collect(lines: readonly Candidate[], option: string): Found {
  const servers: ProviderServer[] = [];
  const mistakes: ProviderMistake[] = [];
  for (const [i, candidate] of lines.entries()) {
    if (candidate === undefined) continue;
    const { host, port: number, protocol } = candidate;
    const isSame = (server: ProviderServer): boolean => server.host === host && server.port === number && server.protocol === protocol;
    if (!isHost(host)) mistakes.push({ line: i + 1, problem: `${option}: expected the name or the IPv4 address of a server` });
    else if (number === undefined) mistakes.push({ line: i + 1, problem: `${option}: expected a port, a number from 1 to 65535` });
    else if (!servers.some(isSame)) servers.push({ host, port: number, protocol });
  }
  if (servers.length === 0 && mistakes.length === 0) mistakes.push({ line: 1, problem: `there is no ${option} in it` });
  return { servers, mistakes };
}
