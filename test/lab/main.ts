/** `npm run lab -- COMMAND`: the whole WAN on one machine, in network namespaces. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { env, namespaces, within } from './command.js';
import { defaults, Lab } from './lab.js';
import { compiled, type LabOptions, type Provider } from './layout.js';
import { whyNoLab } from './requirements.js';
import { describe } from './status.js';

const usage = `usage: npm run lab -- COMMAND
  up [--sites 3] [--ipsec|--plain] [--vpn openvpn|wireguard]   build it: three sites joined by IPsec, VPN 1 by OpenVPN, unless told otherwise
  test [PROOF…] [--repeat N] [--keep] [the options of up]      prove what it is for: flow leak failover lease heal
  status                                                       draw it
  shell NAMESPACE                                              look around
  down                                                         take it away`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions(values: { sites?: string | undefined; plain?: boolean | undefined; ipsec?: boolean | undefined; vpn?: string | undefined }): LabOptions {
  const sites = Number(values.sites ?? defaults.sites);
  if (!Number.isInteger(sites) || sites < 2 || sites > 9) throw new RangeError('--sites: a number from 2 to 9');
  if (values.plain === true && values.ipsec === true) throw new RangeError('--ipsec or --plain, not both');
  const vpn = values.vpn ?? defaults.vpn;
  if (vpn !== 'openvpn' && vpn !== 'wireguard') throw new RangeError('--vpn: openvpn or wireguard');
  return { sites, tunnel: values.plain === true ? 'gre' : 'ipsec-gre', vpn: vpn satisfies Provider, lease: false };
}

const readArguments = (args: string[]) => parseArgs({
  args, allowPositionals: true,
  options: {
    sites: { type: 'string' }, ipsec: { type: 'boolean' }, plain: { type: 'boolean' }, vpn: { type: 'string' },
    repeat: { type: 'string' }, keep: { type: 'boolean' }, tap: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
  },
});
type Arguments = ReturnType<typeof readArguments>;

/** Runs a program on this terminal; returns its exit code. */
async function attended(argv: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: 'inherit', env: { ...env, ...more } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** AVA's summary, for whoever counts. */
function skip(reason: string, tap: boolean): number {
  const summary = ['TAP version 13', `ok 1 - the lab # SKIP ${reason}`, '', '1..1', '# tests 1', '# pass 0', '# skip 1', '# fail 0'].join('\n');
  say(tap ? summary : `skipped the lab: ${reason}`);
  // On a machine of CI with root everything can be installed.
  return process.env['CI'] === 'true' && process.getuid?.() === 0 ? 1 : 0;
}

const proofs = ['flow', 'leak', 'failover', 'lease', 'heal'];

async function test(wanted: readonly string[], { values }: Arguments): Promise<number> {
  const unknown = wanted.find((proof) => !proofs.includes(proof));
  if (unknown !== undefined) throw new RangeError(`there is no proof '${unknown}'; there are ${proofs.join(', ')}`);
  const reason = await whyNoLab((line) => process.stderr.write(`${line}\n`));
  if (reason !== undefined) return skip(reason, values.tap === true);
  const files = wanted.map((proof) => `dist/test/lab/proofs/*-${proof}.test.js`);
  const root = compiled('../../..');
  const options = JSON.stringify(readOptions(values));
  try {
    const ava = [process.execPath, `${root}/node_modules/ava/entrypoints/cli.mjs`, '--config', 'test/lab/ava.config.js'];
    return await attended([...ava, ...(values.tap === true ? ['--tap'] : []), ...files], { LAB_OPTIONS: options, LAB_REPEAT: values.repeat ?? '1' });
  } finally {
    if (values.keep !== true) await Lab.down();
  }
}

async function up({ values }: Arguments): Promise<number> {
  const reason = await whyNoLab(say);
  if (reason !== undefined) {
    say(`no lab: ${reason}`);
    return 1;
  }
  const began = performance.now();
  const lab = await Lab.up(readOptions(values));
  await Promise.all([lab.settled(1), lab.settled(2)]);
  say(`${(await namespaces()).filter((name) => name.startsWith('lab-')).length} namespaces in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  say(await describe(lab));
  return 0;
}

async function main(args: string[]): Promise<number> {
  const parsed = readArguments(args);
  const [command, ...rest] = parsed.positionals;
  if (command === 'up' && rest.length === 0) return up(parsed);
  if (command === 'test') return test(rest, parsed);
  if (command === 'down' && rest.length === 0) {
    await Lab.down();
    return 0;
  }
  if (command === 'status' && rest.length === 0) {
    say(Lab.stands ? await describe(Lab.open()) : 'there is no lab; `npm run lab -- up` builds one');
    return 0;
  }
  if (command === 'shell' && rest.length === 1) return attended(within(rest[0]!, process.env['SHELL'] ?? 'sh'));
  say(usage);
  return parsed.values.help === true ? 0 : 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What was typed wrong needs no stack.
  const isUsage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`lab: ${isUsage ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
}
