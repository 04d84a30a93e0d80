import test from 'ava';
import fc from 'fast-check';
import { vpnFiles } from '../../files/linux.js';
import { exampleSite } from '../../site/examples.js';
import { containersOf, type Site, type TunnelKind } from '../../site/site.js';
import { hostPart, type Plan, type Step } from '../step.js';
import { planLinux } from './index.js';

const tunnels: readonly TunnelKind[] = ['ipsec', 'ipsec-gre', 'gre'];
const names = ['host1', 'host2', 'host3'];

/** The example sites, joined by either kind of tunnel. */
const sites: readonly Site[] = names.flatMap((name) => tunnels.map((tunnel): Site => {
  const site = exampleSite(name);
  return { ...site, platform: 'linux', wan: { ...site.wan, tunnel } };
}));

const linesOf = ({ make }: Step): string[] => make.map(({ argv }) => argv.join(' '));
const whereIs = ({ steps }: Plan, part: string, what: RegExp): number =>
  steps.findIndex((step) => step.part === part && linesOf(step).some((line) => what.test(line)));
const wheresAll = ({ steps }: Plan, part: string, what: RegExp): number[] =>
  steps.flatMap((step, i) => (step.part === part && linesOf(step).some((line) => what.test(line)) ? [i] : []));

for (const site of sites) {
  const plan = planLinux(site);
  const named = `${site.name}, ${site.wan.tunnel}`;

  test(`${named}: every step can be tested, made and undone, and has a name of its own`, (t) => {
    for (const { title, test: tests, make, undo } of plan.steps) t.true(tests.length > 0 && make.length > 0 && undo.length > 0, title);
    t.is(new Set(plan.steps.map(({ title }) => title)).size, plan.steps.length);
    t.deepEqual(new Set(plan.steps.map(({ part }) => part)), new Set([hostPart, ...containersOf(site).map(({ name }) => name)]));
    for (const { part, title } of plan.steps) t.true(title.startsWith(`${part}: `), title);
  });

  test(`${named}: the rules of a VPN's container are in force before anything can reach it, or leave it`, (t) => {
    for (const { name, vpn } of site.vpnContainers) {
      const rules = whereIs(plan, name, new RegExp(`nft -f .*/vpn/${vpn.name}/rules\\.nft$`));
      const carriers = wheresAll(plan, name, /type veth|route replace|\/bin\/gre up|\/bin\/pin/);
      t.true(rules > 0 && carriers.length >= 3, name);
      t.deepEqual(carriers.filter((i) => i < rules), [], name);
    }
  });

  test(`${named}: the rules of the host are in force before it has a bridge`, (t) => {
    t.true(whereIs(plan, hostPart, /^nft -f /) < whereIs(plan, hostPart, /type bridge$/));
  });

  test(`${named}: while a VPN's container stands, its rules are never taken away: in their place nothing passes`, (t) => {
    for (const { name } of site.vpnContainers) {
      const step = plan.steps[whereIs(plan, name, /nft -f /)]!;
      const policies = [...step.undo[0]!.input!.matchAll(/hook (\w+) .* policy (\w+);/g)].map(([, hook, policy]) => `${hook} ${policy}`);
      t.deepEqual([step.undo.length, policies], [1, ['input drop', 'forward drop', 'output drop']]);
    }
  });

  test(`${named}: a VPN's container has no default route: only its session is one`, (t) => {
    for (const { name } of site.vpnContainers) t.deepEqual(wheresAll(plan, name, /route (?:add|replace) (?:default|0\.0\.0\.0)/), [], name);
  });

  test(`${named}: the router knows that a shared address is nowhere before it has a way to anywhere else`, (t) => {
    const nowhere = whereIs(plan, site.ipsec.name, /route replace unreachable 10\.0\.254\.0\/24 metric 4278198272/);
    t.true(nowhere > 0 && nowhere < whereIs(plan, site.ipsec.name, /route replace default via/));
  });

  test(`${named}: what starts sessions is started last`, (t) => {
    t.regex(linesOf(plan.steps.at(-1)!)[0]!, /\/bin\/daemon start \S+-ipsec dynvpn /);
  });

  test(`${named}: BGP speaks on links alone, each with addresses of its own`, (t) => {
    const addressed = plan.steps.filter(({ part }) => part === site.ipsec.name).flatMap(linesOf);
    for (const { interface: name, near } of site.links) {
      t.is(addressed.filter((line) => line.includes(` ${near.text}/31`) && line.includes(name)).length, 1, name);
    }
  });
}

test('every VPN has its clients at every site that can run it', (t) => {
  for (const site of sites) {
    const plan = planLinux(site);
    for (const container of site.vpnContainers) {
      for (const { id, vpn, endpoint } of site.wan.clients.filter((client) => client.vpn.id === container.vpn.id)) {
        t.true(whereIs(plan, container.name, new RegExp(`gre up ${site.name}-${container.name} client${id} ${vpn.anycast.text} ${endpoint.text} `)) > 0);
      }
    }
  }
});

test('what comes from a client without a tunnel goes into the one that the router has for it, or nowhere', (t) => {
  const plan = planLinux(sites[0]!);
  const order = [
    /route replace unreachable default .*table 10002/, /rule add priority 10002 from 192\.168\.7\.0\/24 lookup 10002/,
    /gre up host1-ipsec client2 192\.168\.1\.4 10\.0\.254\.52/, /route replace default dev client2 table 10002/,
  ].map((what) => whereIs(plan, 'ipsec', what));
  t.deepEqual(order, order.toSorted((a, b) => a - b));
  t.true(order[0]! > 0);
});

test('a change of a file is noticed by what reads it', (t) => {
  const site = sites[0]!;
  const changed: Site = { ...site, wan: { ...site.wan, dnsUsers: [], bgp: { ...site.wan.bgp, hold: 30_000 } } };
  const [before, after] = [planLinux(site), planLinux(changed)].map((plan) => new Map(plan.steps.map((step) => [step.title, JSON.stringify(step.test)])));
  const noticed = [...before!].filter(([title, how]) => after!.get(title) !== how).map(([title]) => title);
  t.deepEqual(noticed, [
    'host: the file /run/vpncore/host1/frr/frr.conf',
    'ipsec: zebra, which gives the kernel the routes that the others learn', 'ipsec: staticd, for static routes',
    'ipsec: bfdd, which notices a lost link', 'ipsec: bgpd, which tells the other sites what is reached here',
    'vpn1: the file /run/vpncore/host1/vpn/dynvpn1/rules.nft', 'vpn1: the file /run/vpncore/host1/vpn/dynvpn1/settings',
    'vpn1: who is served by it gets out by its session, or not at all',
    'vpn2: the file /run/vpncore/host1/vpn/dynvpn2/rules.nft', 'vpn2: the file /run/vpncore/host1/vpn/dynvpn2/settings',
    'vpn2: who is served by it gets out by its session, or not at all',
  ]);
});

test('whatever the WAN is like, what is not written down does not pass a VPN’s container', (t) => {
  const site = fc.constantFrom(...sites).chain((base) => fc.record({
    clients: fc.subarray([...base.wan.clients]), users: fc.subarray([...base.wan.dnsUsers]), blocked: fc.subarray([...base.wan.blockedResolvers]),
  }).map(({ clients, users, blocked }): Site => ({ ...base, wan: { ...base.wan, clients, dnsUsers: users, blockedResolvers: blocked } })));
  fc.assert(fc.property(site, (changed) => {
    for (const container of changed.vpnContainers) {
      const { text } = vpnFiles(changed, container)[0]!;
      for (const hook of ['input', 'forward', 'output']) t.regex(text, new RegExp(`type filter hook ${hook} priority filter; policy drop;`));
      // Nothing is forwarded from a client to the site's side but questions to the DNS server, and nothing out but by the session.
      const session = `vpn${container.vpn.id}-${changed.name}`;
      const forwarded = [...text.matchAll(/iifname "client\*" oifname (\S+) (.*)accept/g)].map(([, out, rest]) => `${out} ${rest}`);
      t.deepEqual(forwarded, [`"eth0" ip daddr ${changed.vpndns.text} meta l4proto { tcp, udp } th dport 53 ct status dnat `, `"${session}" `]);
      t.false(text.includes('elements = {  }'));
    }
  }), { numRuns: 30 });
});
