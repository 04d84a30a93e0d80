/** A question's way: the eleven steps of the design, seen on every wire at once; and what vpndns does on the way. */
import test from 'ava';
import { during, type Wire } from '../capture.js';
import { dig, type DigResult } from '../clients.js';
import { run, until, within } from '../command.js';
import { follow, legsOf, padding } from '../flow.js';
import type { Lab } from '../lab.js';
import { providerOf, providers } from '../layout.js';
import { names } from '../site-files.js';
import { newName, say, standing } from './evidence.js';

let lab: Lab;

test.before(async () => {
  lab = await standing({ lease: false });
  await lab.move(1, lab.sites[0]!);
});

const ask = (name: string): Promise<DigResult> => dig(lab.clients[0], lab.sites[0]!.wan.resolver.text, name);
const provider = (): (typeof providers)[keyof typeof providers] => providers[providerOf(1, lab.options)];

test.serial('a question takes the eleven steps, and its answer comes back by them', async (t) => {
  const name = newName(`flow.${padding}`);
  const seen = await follow(await legsOf(lab, name), async () => {
    const { status, addresses } = await ask(name);
    say(`the client was told ${status} ${addresses.join()}`);
    t.deepEqual(addresses, [provider().answer]);
  });
  const zero = seen[0]?.at ?? 0;
  for (const { leg: { step, what, wire: { namespace, device } }, at } of seen) {
    const when = at === undefined ? 'never' : `${((at - zero) * 1000).toFixed(2)} ms`;
    say(`${String(step).padStart(2)}  ${when.padStart(9)}  ${`${namespace} ${device}`.padEnd(28)} ${what}`);
    t.not(at, undefined, `step ${step}: ${what}`);
  }
});

/** How many questions for a name come to the provider's resolver while something happens. */
async function reaching(name: string, happens: () => Promise<unknown>): Promise<number> {
  const wire: Wire = { namespace: provider().namespace, device: 'any', filter: `udp dst port 53 and dst host ${provider().resolver}` };
  const marker = newName('marker');
  const [packets] = await during([wire], async ([capture]) => {
    await happens();
    // What was asked later has come: so has what was asked before.
    await ask(marker);
    await until('the marker is seen', () => capture!.packets.some(({ text }) => text.toLowerCase().includes(marker)));
  });
  return packets!.filter(({ text }) => text.toLowerCase().includes(name)).length;
}

test.serial('what was asked before is answered from memory', async (t) => {
  const name = newName('cache');
  const count = await reaching(name, async () => {
    for (let i = 0; i < 3; i++) t.deepEqual((await ask(name)).addresses, [provider().answer]);
  });
  say(`asked three times; the provider was asked ${count === 1 ? 'once' : `${count} times`}`);
  t.is(count, 1);
});

test.serial('a static record is answered without asking the provider', async (t) => {
  const count = await reaching(names.record, async () => {
    const { status, addresses } = await ask(names.record);
    say(`${names.record}: ${status} ${addresses.join()}`);
    t.deepEqual(addresses, [names.recordAddress]);
  });
  t.is(count, 0);
});

test.serial('a blocked name stays here, until an administrator makes an exception', async (t) => {
  const api = async (path: string): Promise<void> => {
    const answer = await run(within(lab.namespaceOf(lab.sites[0]!, 'vpndns'), 'curl', '-sS', '--fail', '-X', 'POST', `http://127.0.0.1:8080${path}`));
    say(`POST ${path}: ${answer.replaceAll(/\s+/g, ' ').trim()}`);
  };
  const tell = async (): Promise<string> => {
    const { status, addresses } = await ask(names.blocked);
    say(`${names.blocked}: ${status} ${addresses.join()}`);
    return addresses.join();
  };
  t.is(await reaching(names.blocked, async () => t.not(await tell(), provider().answer)), 0);
  await api(`/blocklist/add_exception/${names.blocked}`);
  t.is(await reaching(names.blocked, async () => t.is(await tell(), provider().answer)), 1);
  await api(`/blocklist/del_exception/${names.blocked}`);
  t.is(await reaching(names.blocked, async () => t.not(await tell(), provider().answer)), 0);
});
