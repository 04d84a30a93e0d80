/** A stand-in of ipfw(8). */
import { readFileSync } from 'node:fs';
import { parseAddress, parseCidr } from '../../../../core/address.js';
import { parseRule, tablesOf } from './rule.js';
import { did, failed, fine, unknown, type Outcome, type Stack } from './state.js';

export function ipfw(stack: Stack, argv: readonly string[]): Outcome {
  const words = argv.filter((word) => word !== '-q' && word !== '-f');
  const file = words.length === 1 && words[0]!.startsWith('/') ? words[0]! : undefined;
  if (file === undefined) return one(stack, words);
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const said = line.trim() === '' || line.startsWith('#') ? fine() : ipfw(stack, line.split(/\s+/));
    if (said.code !== 0) return failed(`${file}: ${line}: ${said.output}`);
  }
  return fine();
}

function one(stack: Stack, words: readonly string[]): Outcome {
  const [verb = '', ...rest] = words;
  if (words.join(' ') === 'disable one_pass') return did(stack.settings.set('net.inet.ip.fw.one_pass', '0'));
  if (verb === 'flush' && rest.length === 0) return flush(stack, ({ set }) => set === 31);
  if (verb === 'delete' && rest[0] === 'set') return removeSet(stack, Number(rest[1]));
  if (verb === 'list') return list(stack, rest);
  if (verb === 'add') return add(stack, rest);
  if (verb === 'table') return table(stack, rest);
  if (verb === 'nat') return nat(stack, rest);
  return unknown(['ipfw', ...words]);
}

function flush(stack: Stack, stays: (rule: Stack['rules'][number]) => boolean): Outcome {
  stack.rules = stack.rules.filter(stays);
  return fine();
}

function removeSet(stack: Stack, set: number): Outcome {
  if (!stack.rules.some((rule) => rule.set === set)) return failed('no rules in this set');
  return flush(stack, (rule) => rule.set !== set);
}

const list = ({ rules }: Stack, [number]: readonly string[]): Outcome =>
  (rules.some((rule) => String(rule.number) === number) ? fine(`${number} …\n`) : failed(`rule ${number} does not exist`));

function add(stack: Stack, words: readonly string[]): Outcome {
  let rule;
  try {
    rule = parseRule(words);
  } catch (error) {
    return failed((error as Error).message);
  }
  for (const { name, type } of tablesOf(rule)) {
    if (stack.tables.get(name)?.type !== type) return failed(`there is no table ${name} of type ${type}`);
  }
  if (rule.action === 'nat' && !stack.nats.has(rule.argument!)) return failed(`nat ${rule.argument} is not configured`);
  stack.rules = [...stack.rules, rule].sort((a, b) => a.number - b.number);
  return fine();
}

function table(stack: Stack, [name = '', verb = '', ...rest]: readonly string[]): Outcome {
  const existing = stack.tables.get(name);
  if (verb === 'create') return createTable(stack, name, rest);
  if (existing === undefined) return failed(`there is no table ${name}`);
  if (verb === 'list' && rest.length === 0) return fine([...existing.entries].map((entry) => `${entry} 0\n`).join(''));
  if (verb === 'flush' && rest.length === 0) return did(existing.entries.clear());
  if (verb === 'destroy' && rest.length === 0) return destroyTable(stack, name);
  const [entry = '', ...more] = rest;
  const isEntry = { addr: parseCidr(entry) !== undefined, iface: /^[a-z][\w-]{0,14}$/.test(entry), number: /^\d+$/.test(entry) }[existing.type] === true;
  if (verb === 'add' && isEntry && more.length === 0) return did(existing.entries.add(entry));
  return unknown(['ipfw', 'table', name, verb, ...rest]);
}

function createTable(stack: Stack, name: string, [word, type = '', how = '', ...more]: readonly string[]): Outcome {
  const isKnown = word === 'type' && ['addr', 'iface', 'number'].includes(type) && ['', 'or-flush', 'missing'].includes(how) && more.length === 0;
  if (!isKnown) return unknown(['ipfw', 'table', name]);
  const existing = stack.tables.get(name);
  if (existing !== undefined && (how === '' || existing.type !== type)) return failed(`there is a table ${name}`);
  if (existing === undefined || how === 'or-flush') stack.tables.set(name, { type, entries: new Set() });
  return fine();
}

function destroyTable(stack: Stack, name: string): Outcome {
  if (stack.rules.some((rule) => tablesOf(rule).some((used) => used.name === name))) return failed(`table ${name} is used by a rule`);
  return did(stack.tables.delete(name));
}

/** NETWORK ADDRESS TRANSLATION: what may stand in a configuration. */
function nat(stack: Stack, [number = '', verb = '', ...rest]: readonly string[]): Outcome {
  if (!/^\d+$/.test(number)) return unknown(['ipfw', 'nat', number]);
  const existing = stack.nats.get(number);
  if (verb === 'show') return existing === undefined ? fine() : fine(`ipfw nat ${number} config ${existing.join(' ')}\n`);
  if (verb === 'delete') return stack.nats.delete(number) ? fine() : failed(`there is no nat ${number}`);
  if (verb !== 'config') return unknown(['ipfw', 'nat', number, verb]);
  const problem = natProblem(stack, rest);
  return problem === undefined ? did(stack.nats.set(number, rest)) : failed(problem);
}

const isEndpoint = (text: string): boolean => /^[\d.]+:\d+$/.test(text) && parseAddress(text.replace(/:.*/, '')) !== undefined;

function natProblem(stack: Stack, words: readonly string[]): string | undefined {
  const rest = [...words];
  const [kind, where = ''] = rest.splice(0, 2);
  if (kind === 'if' && !stack.interfaces.has(where)) return `unknown interface name ${where}`;
  if (!(kind === 'if' || (kind === 'ip' && parseAddress(where) !== undefined))) return `nat config ${words.join(' ')}`;
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (['deny_in', 'reset', 'same_ports'].includes(word)) continue;
    const [protocol = '', target = '', alias = ''] = rest;
    const isPort = word === 'redirect_port' && ['udp', 'tcp'].includes(protocol) && isEndpoint(target) && (isEndpoint(alias) || /^\d+$/.test(alias));
    const isProtocol = word === 'redirect_proto' && protocol === 'gre' && parseAddress(target) !== undefined;
    if (!isPort && !isProtocol) return `nat config … ${word} ${protocol} ${target}`;
    rest.splice(0, isPort ? 3 : 2);
  }
  return undefined;
}
