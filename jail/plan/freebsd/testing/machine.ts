/** Stand-ins of FreeBSD's commands, all of one machine that they remember. Whatever they are not asked in the manual's words, they refuse. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ipfw } from './ipfw.js';
import { ifconfig, route } from './network.js';
import { did, failed, fine, newInterface, newStack, unknown, type Machine, type Outcome, type Stack } from './state.js';

/** @param dataset the data set below which jails are cloned; @param directory where it is mounted; @param base the snapshot */
export function newMachine(dataset: string, directory: string, base: string, internet: string): Machine {
  const host = newStack({
    'net.inet.ip.forwarding': '0', 'net.inet.ip.redirect': '1', 'net.inet.ip.fw.one_pass': '1',
    'net.link.bridge.pfil_member': '1', 'net.link.bridge.pfil_bridge': '1',
  });
  host.interfaces.set(internet, { ...newInterface(internet, 'hardware'), isUp: true });
  return {
    host, jails: new Map(), datasets: new Map([[dataset, new Map()], [base, new Map()]]), mounts: new Map(), modules: new Set(),
    kernelEnvironment: new Map(), devfs: new Map([['1', []], ['2', []], ['3', []]]), users: new Set(), home: [dataset, directory],
  };
}

type StandIn = (machine: Machine, stack: Stack, argv: readonly string[]) => Outcome;

function sysctl(_: Machine, stack: Stack, [word = '', ...more]: readonly string[]): Outcome {
  const [name = '', value] = word.split('=');
  const before = stack.settings.get(name);
  if (more.length > 0 || before === undefined) return failed(`sysctl: unknown oid '${name}'`);
  if (value !== undefined) stack.settings.set(name, value);
  return fine(value === undefined ? `${name}: ${before}\n` : `${name}: ${before} -> ${value}\n`);
}

const moduleNames: Readonly<Record<string, string | undefined>> = { ipsec: 'if_ipsec' };

function kldload({ modules, kernelEnvironment }: Machine, _: Stack, argv: readonly string[]): Outcome {
  const [flag, file = '', ...more] = argv;
  if (flag !== '-n' || more.length > 0) return unknown(['kldload', ...argv]);
  if (file === 'ipfw' && kernelEnvironment.get('net.inet.ip.fw.default_to_accept') !== '1') return failed('whoever is logged in from afar is locked out');
  return did(modules.add(moduleNames[file] ?? file));
}

const kldstat = ({ modules }: Machine, _: Stack, argv: readonly string[]): Outcome =>
  (argv[0] !== '-q' || argv[1] !== '-m' ? unknown(['kldstat', ...argv]) : modules.has(argv[2] ?? '') ? fine() : failed(''));

function kenv({ kernelEnvironment }: Machine, _: Stack, [word = '']: readonly string[]): Outcome {
  const [, name = '', value = ''] = /^([\w.]+)=(.+)$/.exec(word) ?? [];
  return name === '' ? unknown(['kenv', word]) : did(kernelEnvironment.set(name, value));
}

function devfs(machine: Machine, _: Stack, argv: readonly string[]): Outcome {
  const [rule, flag, number = '', verb = '', ...rest] = argv;
  const rules = machine.devfs.get(number) ?? [];
  if (rule !== 'rule' || flag !== '-s') return unknown(['devfs', ...argv]);
  if (verb === 'show') return fine(rules.map((line, i) => `${(i + 1) * 100} ${line}\n`).join(''));
  if (verb === 'delset') return did(machine.devfs.delete(number));
  const isRule = rest[0] === 'include' ? machine.devfs.has(rest[1] ?? '') : rest[0] === 'path' && rest[2] === 'unhide';
  if (verb !== 'add' || !isRule) return unknown(['devfs', ...argv]);
  return did(machine.devfs.set(number, [...rules, rest.join(' ')]));
}

/** What a clone has from the beginning. */
const inBase = ['etc', 'etc/newsyslog.conf.d', 'dev', 'var/run', 'var/log', 'usr/local/etc/frr', 'usr/local/etc/swanctl/private'] as const;

function zfs(machine: Machine, _: Stack, argv: readonly string[]): Outcome {
  const { datasets, home: [parent, directory] } = machine;
  const [verb, ...rest] = argv;
  const place = (dataset: string): string => `${directory}${dataset.slice(parent.length)}`;
  if (verb === 'get' && rest.slice(0, 3).join(' ') === '-H -o value') {
    const [property = '', dataset = ''] = rest.slice(3);
    const found = datasets.get(dataset);
    return found === undefined ? failed(`cannot open '${dataset}': dataset does not exist`) : fine(`${found.get(property) ?? '-'}\n`);
  }
  if (verb === 'clone' && rest[0] === '-o') {
    const [, setting = '', base = '', dataset = ''] = rest;
    if (!base.includes('@') || !datasets.has(base)) return failed(`cannot open '${base}': dataset does not exist`);
    if (datasets.has(dataset) || !datasets.has(dirname(dataset))) return failed(`cannot create '${dataset}'`);
    datasets.set(dataset, new Map([setting.split('=') as [string, string]]));
    for (const each of inBase) mkdirSync(`${place(dataset)}/${each}`, { recursive: true });
    return fine();
  }
  if (verb !== 'destroy' || rest.length !== 1) return unknown(['zfs', ...argv]);
  const own = place(rest[0]!);
  const isBusy = [...machine.mounts.keys()].some((target) => target.startsWith(`${own}/`)) || [...machine.jails.values()].some(({ root }) => root === own);
  if (isBusy || !datasets.delete(rest[0]!)) return failed(`cannot destroy '${rest[0]}': dataset is busy, or not there`);
  for (const user of machine.users) if (user.startsWith(`${own} `)) machine.users.delete(user);
  return did(rmSync(own, { recursive: true }));
}

function mount({ mounts }: Machine, _: Stack, argv: readonly string[]): Outcome {
  if (argv.join(' ') === '-t nullfs') return fine([...mounts].map(([target, source]) => `${source} on ${target} (nullfs, local)\n`).join(''));
  const [flag, kind, ...rest] = argv;
  if (rest[0] === '-o' && rest[1] === 'ro') rest.splice(0, 2);
  const [source = '', target = '', ...more] = rest;
  if (flag !== '-t' || kind !== 'nullfs' || more.length > 0) return unknown(['mount', ...argv]);
  const missing = [source, target].find((path) => !existsSync(path) || !statSync(path).isDirectory());
  return missing === undefined ? did(mounts.set(target, source)) : failed(`mount_nullfs: ${missing}: No such file or directory`);
}

const umount = ({ mounts }: Machine, _: Stack, [target = '']: readonly string[]): Outcome =>
  (mounts.delete(target) ? fine() : failed(`umount: ${target}: not a file system root directory`));

function jail(machine: Machine, _: Stack, argv: readonly string[]): Outcome {
  const [flag, file = '', verb, name = '', ...more] = argv;
  if (flag !== '-f' || more.length > 0 || (verb !== '-c' && verb !== '-r')) return unknown(['jail', ...argv]);
  const block = new RegExp(`^${name} \\{\n([^}]*)\\}`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (block === undefined) return failed(`jail: "${name}" not found`);
  if (verb === '-r') return removeJail(machine, name);
  const root = /^ {4}path = "(.*)";$/m.exec(block)?.[1] ?? '';
  const ruleset = /^devfs_ruleset = "(\d+)";/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  if (machine.jails.has(name)) return failed(`jail: "${name}" already exists`);
  if (!existsSync(`${root}/etc/rc.conf.local`) || !machine.devfs.has(ruleset)) return failed(`jail: ${name}: no file system, no rc.conf.local or no devices`);
  const usual = { 'net.inet.ip.forwarding': '0', 'net.inet.ip.portrange.reservedhigh': '1023', 'net.inet.ip.fw.one_pass': '1' };
  return did(machine.jails.set(name, { root, stack: newStack(usual) }));
}

/** Wires that were in it come back to the host; the rest of its network is gone, and its processes. */
function removeJail({ jails, host }: Machine, name: string): Outcome {
  const found = jails.get(name);
  if (found === undefined) return failed(`jail: "${name}" not found`);
  for (const each of found.stack.interfaces.values()) if (each.kind === 'epair') host.interfaces.set(each.name, { ...each, addresses: [] });
  rmSync(`${found.root}/var/run`, { recursive: true });
  mkdirSync(`${found.root}/var/run`);
  return did(jails.delete(name));
}

const jls = ({ jails }: Machine, _: Stack, argv: readonly string[]): Outcome =>
  (argv[0] !== '-j' || argv[2] !== 'jid' ? unknown(['jls', ...argv]) : jails.has(argv[1] ?? '') ? fine('7\n') : failed(`jls: jail "${argv[1]}" not found`));

function pw({ users }: Machine, _: Stack, argv: readonly string[]): Outcome {
  const [flag, root = '', verb = '', name = ''] = argv;
  if (flag !== '-R' || !['usershow', 'useradd', 'userdel'].includes(verb)) return unknown(['pw', ...argv]);
  const user = `${root} ${name}`;
  if (!existsSync(`${root}/etc`) || users.has(user) === (verb === 'useradd')) return failed(`pw: ${verb} ${name}`);
  if (verb === 'useradd') users.add(user);
  if (verb === 'userdel') users.delete(user);
  return fine();
}

function service(machine: Machine, stack: Stack, argv: readonly string[]): Outcome {
  const { processes } = stack;
  const [, name = '', one = '', verb = ''] = /^(frr|strongswan|sshd) (one)?(\w+)$/.exec(argv.join(' ')) ?? [];
  if (!['status', 'restart', 'stop'].includes(verb) || (one === 'one') !== (name !== 'frr')) return unknown(['service', ...argv]);
  const problem = verb === 'restart' && name === 'sshd' ? sshdProblem(machine, stack) : undefined;
  if (problem !== undefined) return failed(problem);
  if (verb === 'restart') return did(processes.set(name, argv));
  return (verb === 'stop' ? processes.delete(name) : processes.has(name)) ? fine() : failed(`${name} is not running.`);
}

const rootOf = ({ jails }: Machine, stack: Stack): string => [...jails.values()].find((each) => each.stack === stack)?.root ?? '';

/** With the flags of rc.conf(5): whether all that its configuration names is there. */
function sshdProblem(machine: Machine, stack: Stack): string | undefined {
  const [, file = ''] = /^sshd_flags="-f (.*)"$/m.exec(readFileSync(`${rootOf(machine, stack)}/etc/rc.conf.local`, 'utf8')) ?? [];
  const config = new Map(readFileSync(file, 'utf8').split('\n').map((line) => line.split(' ', 2) as [string, string]));
  const missing = ['HostKey', 'AuthorizedKeysFile', 'ForceCommand'].find((word) => !existsSync(config.get(word) ?? ''));
  if (missing !== undefined) return `sshd: ${missing} ${config.get(missing)} is not there`;
  return stack.has(config.get('ListenAddress') ?? '') ? undefined : `sshd: can't bind to ${config.get('ListenAddress')}`;
}

function daemon(machine: Machine, stack: Stack, argv: readonly string[]): Outcome {
  const words = [...argv];
  const options = new Map<string, string>();
  while (words[0]?.startsWith('-') === true) {
    const flag = words.shift()!;
    if (['-f', '-r', '-H'].includes(flag)) continue;
    if (!['-P', '-o', '-t', '-u'].includes(flag)) return unknown(['daemon', ...argv]);
    options.set(flag, words.shift() ?? '');
  }
  const [pidFile, user] = [options.get('-P'), options.get('-u')];
  if (pidFile === undefined || words.length === 0 || stack.processes.has(pidFile)) return failed('daemon: process already running', 3);
  if (user !== undefined && !machine.users.has(`${rootOf(machine, stack)} ${user}`)) return failed(`daemon: unknown user: ${user}`);
  return did(stack.processes.set(pidFile, words));
}

const pgrep = (_: Machine, { processes }: Stack, [flag, file = '', ...more]: readonly string[]): Outcome =>
  (flag !== '-F' || more.length > 0 ? unknown(['pgrep']) : processes.has(file) ? fine('4711\n') : failed(''));
const pkill = (_: Machine, { processes }: Stack, [flag, file = '', ...more]: readonly string[]): Outcome =>
  (flag !== '-F' || more.length > 0 ? unknown(['pkill']) : processes.delete(file) ? fine() : failed(''));

/** An address is its own; every name has one of IPv6, and two of IPv4. */
function getent(_: Machine, _stack: Stack, [database, name = '']: readonly string[]): Outcome {
  if (database !== 'hosts') return unknown(['getent', database ?? '']);
  if (/^[\d.]+$/.test(name)) return fine(`${name} ${name}\n`);
  return fine(['2001:db8::1', '198.51.100.1', `198.51.100.${name.length}`].map((address) => `${address.padEnd(16)}${name}\n`).join(''));
}

function sshKeygen(_: Machine, _stack: Stack, argv: readonly string[]): Outcome {
  const [quiet, kind, type, none, passphrase, note, , put, file = ''] = argv;
  if ([quiet, kind, type, none, passphrase, note, put].join(' ') !== '-q -t ed25519 -N  -C -f' || existsSync(file)) return unknown(['ssh-keygen', ...argv]);
  writeFileSync(file, 'private\n', { mode: 0o600 });
  return did(writeFileSync(`${file}.pub`, 'ssh-ed25519 AAAA comment\n'));
}

/** By the name of the program. */
const standIns = new Map<string, StandIn>(Object.entries({
  ifconfig, route: (_, stack, argv) => route(stack, argv),
  ipfw: ({ modules }, stack, argv) => (modules.has('ipfw') ? ipfw(stack, argv) : failed('ipfw: no such module')),
  sysctl, kldstat, kldload, kenv, devfs, zfs, mount, umount, jail, jls, pw, service, daemon, pgrep, pkill, getent, 'ssh-keygen': sshKeygen,
} satisfies Readonly<Record<string, StandIn>>));

export const standInNames = [...standIns.keys()];

/** Runs a command, on the host or in a jail. */
export function perform(machine: Machine, jailName: string | undefined, [program = '', ...args]: readonly string[]): Outcome {
  const standIn = standIns.get(basename(program));
  const stack = jailName === undefined ? machine.host : machine.jails.get(jailName)?.stack;
  if (stack === undefined) return failed(`jexec: jail "${jailName}" not found`);
  if (standIn === undefined) return unknown([program, ...args]);
  try {
    return standIn(machine, stack, args);
  } catch (error) {
    // A file that it was to read is not there.
    return failed((error as Error).message);
  }
}
