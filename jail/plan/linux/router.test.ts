import test from 'ava';
import { renderStrongSwan } from '../../files/strongswan.js';
import { exampleSite } from '../../site/examples.js';
import type { Site } from '../../site/site.js';
import { planLinux } from './index.js';

const protectedByCharon = (name: string): Site => {
  const site = exampleSite(name);
  return { ...site, platform: 'linux', wan: { ...site.wan, tunnel: 'ipsec-gre' } };
};

const titles = (name: string): string[] => planLinux(protectedByCharon(name)).steps.filter(({ part }) => part === 'ipsec').map(({ title }) => title);

test('the addresses inside ESP are there before the connections that make routes from them', (t) => {
  const order = ['ipsec: charon', 'ipsec: the addresses', 'ipsec: the connections', 'ipsec: connect', 'ipsec: a GRE tunnel to host2']
    .map((beginning) => titles('host1').findIndex((title) => title.startsWith(beginning)));
  t.false(order.includes(-1));
  t.deepEqual(order, [...order].sort((a, b) => a - b));
});

test('of two sites one looks after the connection between them', (t) => {
  t.true(titles('host1').some((title) => title.startsWith('ipsec: connect,')));
  t.false(titles('host3').some((title) => title.startsWith('ipsec: connect,')));
});

test('the routes to the addresses inside ESP come before the default route', (t) => {
  const conf = renderStrongSwan(protectedByCharon('host1')).find(({ path }) => path.endsWith('strongswan.conf'))!.text;
  t.notRegex(conf, /routing_table_prio/, 'strongSwan puts its table, 220, before the main one by itself');
});
