/** What the stand-ins of FreeBSD's commands remember: as much of a machine as a plan speaks of. */
import { contains, parseAddress, parseCidr, type Address, type Cidr } from '../../../../core/address.js';
import type { Rule } from './rule.js';

export interface Interface {
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly groups: Set<string>;
  readonly members: Set<string>;
  readonly addresses: { readonly address: string; readonly network: Cidr; readonly far?: string }[];
  tunnel?: readonly [near: string, far: string];
  isUp: boolean;
}

export interface Route {
  readonly network: Cidr;
  readonly gateway: string;
  readonly isRejected: boolean;
}

export interface Table {
  readonly type: string;
  readonly entries: Set<string>;
}

/** A network stack: the host's, or a jail's. */
export class Stack {
  readonly interfaces = new Map<string, Interface>();
  readonly routes = new Map<string, Route>();
  readonly tables = new Map<string, Table>();
  readonly nats = new Map<string, readonly string[]>();
  readonly settings = new Map<string, string>();
  /** By the file with the id. */
  readonly processes = new Map<string, readonly string[]>();
  rules: Rule[] = [];

  /** The interface on whose network an address is, or at whose other end. */
  interfaceTo(address: Address): Interface | undefined {
    return [...this.interfaces.values()].find(({ addresses }) =>
      addresses.some(({ network, far }) => (far === undefined ? contains(network, address) : far === address.text)));
  }

  has(address: string): boolean {
    return [...this.interfaces.values()].some(({ addresses }) => addresses.some((own) => own.address === address));
  }

  /** The most specific route, connected ones among them. */
  routeTo(address: Address): { readonly network: Cidr; readonly gateway?: string; readonly interface: string; readonly isRejected: boolean } | undefined {
    const connected = [...this.interfaces.values()].flatMap((own) => own.addresses.map(({ network, far }) =>
      ({ network: far === undefined ? network : hostOf(far), interface: own.name, isRejected: false })));
    const others = [...this.routes.values()].map(({ network, gateway, isRejected }) =>
      ({ network, gateway, isRejected, interface: isRejected ? 'lo0' : this.interfaceTo(parseAddress(gateway) ?? address)?.name ?? gateway }));
    return [...connected, ...others].filter(({ network }) => contains(network, address)).sort((a, b) => b.network.prefix - a.network.prefix)[0];
  }
}

const hostOf = (address: string): Cidr => parseCidr(`${address}/32`)!;

export const newInterface = (name: string, kind: string): Interface =>
  ({ name, kind, unit: name, groups: new Set([kind]), members: new Set(), addresses: [], isUp: false });

/** A stack with its loopback, as rc(8) leaves it. */
export function newStack(settings: Readonly<Record<string, string>>): Stack {
  const stack = new Stack();
  const loopback = newInterface('lo0', 'lo');
  loopback.addresses.push({ address: '127.0.0.1', network: parseCidr('127.0.0.0/8')! });
  stack.interfaces.set('lo0', loopback);
  for (const [name, value] of Object.entries(settings)) stack.settings.set(name, value);
  return stack;
}

export interface Jail {
  readonly root: string;
  readonly stack: Stack;
}

export interface Machine {
  readonly host: Stack;
  readonly jails: Map<string, Jail>;
  readonly datasets: Map<string, Map<string, string>>;
  /** Where mounted, and what. */
  readonly mounts: Map<string, string>;
  readonly modules: Set<string>;
  readonly kernelEnvironment: Map<string, string>;
  readonly devfs: Map<string, string[]>;
  /** `ROOT NAME` */
  readonly users: Set<string>;
  /** Where data sets are mounted: the data set, and its directory. */
  readonly home: readonly [dataset: string, directory: string];
}

/** What a command prints, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

export const fine = (output = ''): Outcome => ({ code: 0, output });
export const failed = (output: string, code = 1): Outcome => ({ code, output });

/** A stand-in was called in a way that the manual does not know. */
export const unknown = (argv: readonly string[]): Outcome => failed(`stand-in: not in the manual: ${argv.join(' ')}`, 64);
/** What was done has nothing to say. */
export const did = (_: unknown): Outcome => fine();
