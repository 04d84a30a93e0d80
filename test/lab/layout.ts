/** Names and addresses of the lab: what the site files say of the sites, and the world around them. */
import { fileURLToPath } from 'node:url';

/** Everything that the lab writes; it goes with the lab. */
export const directory = '/run/vpncore-lab';

export const compiled = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export type Provider = 'openvpn' | 'wireguard';

export interface LabOptions {
  readonly sites: number;
  /** GRE inside ESP, or GRE in clear. */
  readonly tunnel: 'ipsec-gre' | 'gre';
  /** What VPN 1 runs; VPN 2 runs the other. */
  readonly vpn: Provider;
  /** Whether the sites agree by leases in an etcd of their own. */
  readonly lease: boolean;
}

/** The Internet is one namespace: a bridge that all hosts are on, and well-known addresses behind it. */
export const internet = {
  namespace: 'lab-internet', gateway: '203.0.113.254', bridge: 'wan',
  /** Answers UDP and HTTP with the address that it is asked from. */
  whoami: '198.51.100.80', whoamiPort: 7,
  pinged: ['198.51.100.1', '198.51.100.2'],
  /** For whoever has no VPN, with an answer that no provider gives: a query that leaks is seen by it. */
  resolver: '9.9.9.9', answer: '198.51.100.99',
  /** A resolver that clients must not reach. */
  blockedResolver: '8.8.8.8',
} as const;

/** Each provider's resolver answers every question with an address of its own. */
export const providers = {
  openvpn: { namespace: 'lab-openvpn', address: '203.0.113.101', port: 1194, resolver: '10.8.0.1', network: '10.8.0.0/24', answer: '198.51.100.11' },
  wireguard: { namespace: 'lab-wireguard', address: '203.0.113.102', port: 51820, resolver: '10.9.0.1', network: '10.9.0.0/24', answer: '198.51.100.12' },
} as const satisfies Record<Provider, unknown>;

export const siteName = (number: number): string => `lab-host${number}`;
export const hostAddress = (number: number): string => `203.0.113.${number}`;

export interface LabClient {
  readonly name: string;
  readonly namespace: string;
  readonly id: number;
  readonly vpn: 1 | 2;
  /** The number of the site whose router it is on. */
  readonly site: number;
  /** On that link: its own address, the end of its GRE tunnel, and the router's. */
  readonly endpoint: string;
  readonly router: string;
  /** On the link to the router. */
  readonly network: string;
  /** Ten clients stand behind the tunnel. */
  readonly prefix: string;
  readonly sources: readonly string[];
}

function client(id: 1 | 2, site: number): LabClient {
  return {
    name: `client${id}`, namespace: `lab-client${id}`, id, vpn: id, site,
    endpoint: `172.16.${site}.2`, router: `172.16.${site}.1`, network: `172.16.${site}.0/24`,
    prefix: `172.20.${id}.0/24`, sources: Array.from({ length: 10 }, (_, i) => `172.20.${id}.${i + 1}`),
  };
}

/** VPN 1 has its client at the last site, so that its packets cross the WAN to the first; VPN 2 has it at the first. */
export const clientsOf = ({ sites }: Pick<LabOptions, 'sites'>): readonly [LabClient, LabClient] => [client(1, sites), client(2, 1)];

/** The provider of a VPN. */
export const providerOf = (vpn: 1 | 2, { vpn: first }: Pick<LabOptions, 'vpn'>): Provider => {
  const other: Provider = first === 'openvpn' ? 'wireguard' : 'openvpn';
  return vpn === 1 ? first : other;
};
