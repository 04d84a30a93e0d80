import test from 'ava';
import { OperationalError } from '../../core/errors.js';
import { exampleSite } from '../site/examples.js';
import { planLinux } from '../plan/linux/index.js';
import type { Step } from '../plan/step.js';
import { checkMachine, type Machine } from './check.js';

const good: Machine = { platform: 'linux', isRoot: true, has: () => true };
const step: Step = {
  part: 'host', title: 'host: x', needs: ['socat'],
  test: [{ argv: ['ip', 'a'] }], make: [{ argv: ['nft', 'b'] }], undo: [{ argv: ['magic'] }],
};
const messageOf = (t: { throws: (run: () => void, how: object) => Error | undefined }, machine: Partial<Machine>): string | undefined =>
  t.throws(() => checkMachine([step], 'linux', { ...good, ...machine }), { instanceOf: OperationalError })?.message;

test('a machine with all that a plan needs will do', (t) => {
  t.notThrows(() => checkMachine([step], 'linux', good));
});

test('nothing is begun without root, or for another system', (t) => {
  t.is(messageOf(t, { isRoot: false }), 'that takes root: interfaces, rules and routes are changed');
  t.is(messageOf(t, { platform: 'freebsd' }), 'this plan is for linux, and this machine runs freebsd');
});

test('everything that is missing is told at once, with the packages that have it', (t) => {
  t.is(messageOf(t, { has: (program) => program === 'ip' }), [
    'magic is missing', 'nft is missing; Debian has it in nftables', 'socat is missing; Debian has it in socat',
    'apt-get install --no-install-recommends nftables socat',
  ].join('\n'));
});

test('of every program of a plan for Linux the package is known, but of those that the site file names and of what every system has', (t) => {
  const machine = { ...good, has: () => false };
  const error = t.throws(() => checkMachine(planLinux(exampleSite('host1')).steps, 'linux', machine), { instanceOf: OperationalError });
  const unknown = error!.message.split('\n').filter((line) => line.endsWith('is missing')).map((line) => line.split(' ')[0]);
  t.deepEqual(unknown, ['dynvpn', 'sh', 'vpndns']);
});
