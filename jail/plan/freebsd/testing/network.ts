/** Stand-ins of ifconfig(8) and route(8). */
import { contains, parseAddress, parseCidr, type Cidr } from '../../../../core/address.js';
import { failed, fine, newInterface, unknown, type Interface, type Machine, type Outcome, type Stack } from './state.js';

/** What has to be in the kernel for an interface of that kind. */
const modules: Readonly<Record<string, string | undefined>> = { bridge: 'if_bridge', epair: 'if_epair', gre: 'if_gre', ipsec: 'if_ipsec', wg: 'if_wg' };
const kinds = new Set(['bridge', 'epair', 'gre', 'ipsec', 'wg', 'tun']);
const pointToPoint = new Set(['gre', 'ipsec', 'tun']);

export function ifconfig(machine: Machine, stack: Stack, argv: readonly string[]): Outcome {
  const [name = '', ...words] = argv;
  if (words[0] === 'create') return create(machine, stack, name, words.slice(1));
  const found = stack.interfaces.get(name);
  if (found === undefined) return failed(`ifconfig: interface ${name} does not exist`);
  if (words.length === 0) return fine(show(found));
  if (words.length === 1 && words[0] === 'destroy') return destroy(machine, stack, found);
  return configure(machine, stack, found, words);
}

function show({ name, groups, members, addresses, tunnel, isUp }: Interface): string {
  return [
    `${name}: flags=8843<${isUp ? 'UP,' : ''}BROADCAST,RUNNING> metric 0 mtu 1500`,
    ...(tunnel === undefined ? [] : [`\ttunnel inet ${tunnel[0]} --> ${tunnel[1]}`]),
    ...addresses.map(({ address, far }) => `\tinet ${address}${far === undefined ? '' : ` --> ${far}`} netmask 0xffffff00`),
    ...[...members].map((member) => `\tmember: ${member} flags=143<LEARNING>`),
    `\tgroups: ${[...groups].join(' ')}`,
  ].map((line) => `${line}\n`).join('');
}

const everyStack = ({ host, jails }: Machine): readonly Stack[] => [host, ...[...jails.values()].map(({ stack }) => stack)];

function create(machine: Machine, stack: Stack, name: string, words: readonly string[]): Outcome {
  const kind = /^([a-z]+)\d+$/.exec(name)?.[1] ?? '';
  if (!kinds.has(kind)) return failed(`ifconfig: SIOCIFCREATE2: Invalid argument: ${name}`);
  const module = modules[kind];
  if (module !== undefined && !machine.modules.has(module)) return failed(`${module} is not loaded`);
  const names = kind === 'epair' ? [`${name}a`, `${name}b`] : [name];
  // tun(4) counts its units for the whole machine, the others for a stack.
  const stacks = kind === 'tun' || kind === 'epair' ? everyStack(machine) : [stack];
  if (names.some((each) => stacks.some(({ interfaces }) => interfaces.has(each)))) return failed('ifconfig: SIOCIFCREATE2: File exists');
  for (const each of names) stack.interfaces.set(each, { ...newInterface(each, kind), unit: name });
  return words.length === 0 ? fine() : configure(machine, stack, stack.interfaces.get(names[0]!)!, words);
}

function destroy(machine: Machine, stack: Stack, { name, kind, unit, members }: Interface): Outcome {
  if (kind === 'lo' || kind === 'hardware') return failed('ifconfig: SIOCIFDESTROY: Invalid argument');
  members.clear();
  for (const { interfaces } of kind === 'epair' ? everyStack(machine) : [stack]) {
    for (const each of [...interfaces.values()]) if (each.unit === unit) interfaces.delete(each.name);
    for (const each of interfaces.values()) each.members.delete(name);
  }
  for (const each of everyStack(machine)) dropRoutes(each);
  return fine();
}

/** A route goes with the interface that its gateway was reached by. */
function dropRoutes(stack: Stack): void {
  for (const [key, { gateway, isRejected }] of stack.routes) {
    if (!isRejected && !stack.interfaces.has(gateway) && stack.interfaceTo(parseAddress(gateway)!) === undefined) stack.routes.delete(key);
  }
}

function configure(machine: Machine, stack: Stack, own: Interface, argv: readonly string[]): Outcome {
  const words = [...argv];
  while (words.length > 0) {
    const word = words.shift()!;
    const problem = word === 'inet' ? inet(stack, own, words) : setting(machine, stack, own, word, words);
    if (problem !== undefined) return failed(`ifconfig ${own.name} ${argv.join(' ')}: ${problem}`);
  }
  return fine();
}

/** `inet tunnel A B`, `inet A/N [B] [alias]`, `inet A -alias`; takes its words. Returns what is wrong. */
function inet(stack: Stack, own: Interface, words: string[]): string | undefined {
  if (words[0] === 'tunnel') {
    const [, near = '', far = ''] = words.splice(0, 3);
    if (!['gre', 'ipsec'].includes(own.kind)) return `${own.kind} is no tunnel`;
    if (!stack.has(near) || parseAddress(far) === undefined) return `${near} is no address here`;
    own.tunnel = [near, far];
    return undefined;
  }
  const [address = '', length] = words.shift()!.split('/');
  const far = parseAddress(words[0] ?? '') === undefined ? undefined : words.shift()!;
  const prefix = words[0] === 'netmask' ? prefixOf(words.splice(0, 2)[1]!) : length;
  if (parseAddress(address) === undefined || (far === undefined) === pointToPoint.has(own.kind)) return 'not such addresses';
  if (words[0] === '-alias') {
    words.shift();
    const at = own.addresses.findIndex((each) => each.address === address);
    return at < 0 ? 'there is no such address' : void own.addresses.splice(at, 1);
  }
  if (words[0] === 'alias') words.shift();
  const network = parseCidr(`${address}/${prefix}`);
  if (network === undefined || prefix === undefined) return 'an address wants the length of its network';
  own.addresses.push({ address, network, ...(far !== undefined && { far }) });
  return undefined;
}

/** The length of the prefix that a mask stands for. */
const prefixOf = (mask: string): string => String(parseAddress(mask)!.octets.reduce((sum, octet) => sum + octet.toString(2).replaceAll('0', '').length, 0));

function setting(machine: Machine, stack: Stack, own: Interface, word: string, words: string[]): string | undefined {
  if (word === 'up') return void (own.isUp = true);
  const value = words.shift();
  if (value === undefined) return 'not in the manual';
  if (word === 'group') return /\d$/.test(value) ? 'the name of a group does not end in a digit' : void own.groups.add(value);
  if (word === 'mtu' || word === 'reqid') return /^\d+$/.test(value) ? undefined : `no number: ${value}`;
  if (word === 'name') return rename(stack, own, value);
  if (word === 'addm') return stack.interfaces.has(value) && own.kind === 'bridge' ? void own.members.add(value) : `${value} can't be a member`;
  if (word === 'vnet') return move(machine, stack, own, value);
  return `not in the manual: ${word}`;
}

function rename(stack: Stack, own: Interface, name: string): string | undefined {
  if (stack.interfaces.has(name) || name.length > 15) return `can't be called ${name}`;
  stack.interfaces.delete(own.name);
  stack.interfaces.set(name, { ...own, name });
  return undefined;
}

/** Into a jail that runs; addresses don't come along. */
function move({ jails }: Machine, stack: Stack, own: Interface, jail: string): string | undefined {
  const to = jails.get(jail);
  if (to === undefined) return `there is no jail ${jail}`;
  stack.interfaces.delete(own.name);
  to.stack.interfaces.set(own.name, { ...own, addresses: [], isUp: false });
  return undefined;
}

export function route(stack: Stack, argv: readonly string[]): Outcome {
  const words = argv.filter((word) => !/^-[nq]+$/.test(word));
  const [verb = '', ...rest] = words;
  const kind = rest[0] === '-net' || rest[0] === '-host' ? rest.shift() : undefined;
  const [to = '', ...more] = rest;
  const network = to === 'default' ? parseCidr('0.0.0.0/0') : parseCidr(kind === '-host' ? `${to}/32` : to);
  if (network === undefined || (kind === '-net' && !to.includes('/'))) return unknown(['route', ...argv]);
  if (verb === 'get') return get(stack, network);
  if (verb === 'delete') return stack.routes.delete(network.text) ? fine() : failed('route: not in table');
  return verb === 'add' ? addRoute(stack, network, more) : unknown(['route', ...argv]);
}

function get(stack: Stack, network: Cidr): Outcome {
  const exact = stack.routes.get(network.text);
  if (network.prefix === 0 && exact === undefined) return failed('route: route has not been found');
  const found = stack.routeTo(network.network);
  if (found === undefined) return failed('route: route has not been found');
  const flags = ['UP', ...(found.isRejected ? ['REJECT'] : []), 'DONE', 'STATIC'].join(',');
  const destination = found.network.network.text;
  const gateway = found.gateway === undefined ? '' : `    gateway: ${found.gateway}\n`;
  return fine(`destination: ${destination}\n${gateway}  interface: ${found.interface}\n      flags: <${flags}>\n`);
}

function addRoute(stack: Stack, network: Cidr, words: readonly string[]): Outcome {
  const [gateway = '', ...more] = words.filter((word) => word !== '-interface');
  const isRejected = more.includes('-reject');
  if (stack.routes.has(network.text)) return failed('route: route already in table');
  const address = parseAddress(gateway);
  const isReached = address === undefined ? stack.interfaces.has(gateway) : stack.interfaceTo(address) !== undefined;
  if (!isReached || more.some((word) => word !== '-reject')) return failed(`route: Network is unreachable: ${gateway}`);
  if (address !== undefined && contains(network, address) && !isRejected && network.prefix > 0 && stack.interfaceTo(address)?.kind !== 'gre') {
    return failed('the gateway lies in the network itself');
  }
  stack.routes.set(network.text, { network, gateway, isRejected });
  return fine();
}
