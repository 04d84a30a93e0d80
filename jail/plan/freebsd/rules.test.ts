/** Packets through the rules, as ipfw(8) would judge them: a client leaves by its tunnel, or not at all. */
import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { up } from '../../run/carry.js';
import { Passage, type Fate, type Packet } from './testing/packets.js';
import { perform } from './testing/machine.js';
import { failureOf, scene, signal, type Scene } from './testing/scene.js';

const [client, resolver, provider, far] = ['10.15.0.6', '10.8.0.1', '198.51.100.33', '203.0.113.77'];
const [ours, anycast, vpndns, router] = ['192.168.2.51', '10.0.254.51', '192.168.2.3', '192.168.2.4'];
const [wire, anycastWire, tunnel, gre] = ['epair51b', 'epair1051b', 'tun51', 'gre1'];

const udp = (from: string, near: number, to: string, port: number): Packet => ({ protocol: 'udp', from, to, ports: [near, port] });
const tcp = (from: string, near: number, to: string, port: number): Packet => ({ protocol: 'tcp', from, to, ports: [near, port] });
const icmp = (from: string, to: string, icmpType = 8): Packet => ({ protocol: 'icmp', from, to, ports: [1, 1], icmpType });
const answerTo = ({ protocol, from, to, ports: [near, port] }: Packet): Packet => ({ protocol, from: to, to: from, ports: [port, near] });

/** The VPN container vpn1 of host2. */
async function container(t: ExecutionContext): Promise<{ readonly all: Scene; readonly passage: Passage }> {
  const all = scene(t, 'host2');
  t.true(await up(all.plan, undefined, all.world, signal), failureOf(all));
  return { all, passage: new Passage(all.machine.jails.get('host2-vpn1')!.stack) };
}

/** What OpenVPN's call of the script does, by the very commands of the script. */
function session(all: Scene, verb: 'up' | 'down'): void {
  const script = all.plan.steps
    .flatMap(({ make }) => make).find(({ argv, input }) => argv[1]?.endsWith('/vpn1/session.sh') === true && input !== undefined)!.input!;
  // The stand-ins answer from this process, which therefore must not wait: the script says what it would run, and that is run.
  const tell = ['ifconfig', 'route', 'ipfw'].map((name) => `${name}() { printf '%s\\037' ${name} "$@" >&3; echo >&3; }\n`).join('');
  const environment = { PATH: '/usr/bin:/bin', ifconfig_local: '10.8.0.9', route_vpn_gateway: resolver, ifconfig_netmask: '255.255.255.0' };
  const stdio = ['pipe' as const, 'pipe' as const, 'pipe' as const, 'pipe' as const];
  const { output, status } = spawnSync('sh', ['-s', verb], { input: tell + script, env: environment, stdio, encoding: 'utf8' });
  if (status !== 0) throw new Error(`session.sh ${verb}: ${output[2]}`);
  for (const line of output[3]!.trim().split('\n')) {
    const argv = line.split('\u001f').slice(0, -1);
    const { code, output: said } = perform(all.machine, 'host2-vpn1', argv);
    if (code !== 0 && argv[2] !== 'delete') throw new Error(`${argv.join(' ')}: ${said}`);
  }
}

const online = async (t: ExecutionContext): ReturnType<typeof container> => {
  const there = await container(t);
  session(there.all, 'up');
  return there;
};

/** The packet with which it leaves by an interface. */
function left(t: ExecutionContext, fate: Fate, by: string): Packet {
  t.like(fate, { kind: 'leaves', by });
  return (fate as Extract<Fate, { kind: 'leaves' }>).packet;
}

test('a client goes by the tunnel, with its address, and gets its answers', async (t) => {
  const { passage } = await online(t);
  for (const packet of [tcp(client, 40_000, far, 443), udp(client, 40_000, far, 443), icmp(client, far)]) {
    const sent = left(t, passage.receive(gre, packet), tunnel);
    t.deepEqual([sent.from, sent.to], ['10.8.0.9', far]);
    t.like(left(t, passage.receive(tunnel, { ...answerTo(sent), icmpType: 0 }), gre), { from: far, to: client, ports: answerTo(packet).ports });
  }
});

test('nobody comes in by the tunnel uninvited', async (t) => {
  const { passage } = await online(t);
  for (const to of ['10.8.0.9', client, ours, vpndns]) t.like(passage.receive(tunnel, tcp(far, 443, to, 22)), { kind: 'dropped' }, to);
});

test('a question of a client reaches the resolver beside us in our name, and its answer comes from whom it asked', async (t) => {
  const { passage } = await container(t);
  for (const ask of [udp, tcp]) {
    for (const asked of ['10.0.254.3', '192.168.1.3', vpndns]) {
      const question = ask(client, 5000 + Number(asked.split('.')[2]), asked, 53);
      const sent = left(t, passage.receive(gre, question), wire);
      t.like(sent, { from: ours, to: vpndns });
      t.deepEqual(left(t, passage.receive(wire, answerTo(sent)), gre), answerTo(question));
    }
  }
});

test('a question of vpndns goes into the tunnel to the provider, and comes back from us', async (t) => {
  const { passage } = await online(t);
  for (const ask of [udp, tcp]) {
    for (const asked of [ours, anycast]) {
      const question = ask(vpndns, 6000 + Number(asked.split('.')[3]) + asked.length, asked, 53);
      const sent = left(t, passage.receive(wire, question), tunnel);
      t.like(sent, { from: '10.8.0.9', to: resolver, ports: [question.ports[0], 53] });
      t.deepEqual(left(t, passage.receive(tunnel, answerTo(sent)), wire), answerTo(question));
    }
  }
});

test('without a session, and after it, who asks for a name is refused at once, and clients go nowhere', async (t) => {
  const { all, passage } = await container(t);
  const isClosed = (): void => {
    t.like(passage.receive(wire, udp(vpndns, 7000, ours, 53)), { kind: 'refused' });
    t.like(passage.receive(wire, tcp(vpndns, 7000, ours, 53)), { kind: 'refused' });
    for (const to of [far, '192.168.1.1', '192.168.2.1']) t.not(passage.receive(gre, tcp(client, 7000, to, 443)).kind, 'leaves');
  };
  isClosed();
  session(all, 'up');
  t.like(passage.receive(wire, udp(vpndns, 7001, ours, 53)), { kind: 'leaves', by: tunnel });
  session(all, 'down');
  isClosed();
});

test('other resolvers are refused to clients', async (t) => {
  const { passage } = await online(t);
  for (const packet of [udp(client, 1, far, 53), tcp(client, 1, far, 53), udp(client, 1, '8.8.8.8', 53), tcp(client, 1, '9.9.9.9', 443)]) {
    t.like(passage.receive(gre, packet), { kind: 'refused' });
  }
});

test('nobody speaks for somebody else', async (t) => {
  const { passage } = await online(t);
  for (const from of ['10.15.0.10', '192.168.2.3', far, ours]) t.like(passage.receive(gre, tcp(from, 1, far, 443)), { kind: 'dropped' }, from);
});

const address = fc.oneof(
  fc.constantFrom(client, resolver, provider, far, ours, anycast, vpndns, router, '192.168.2.1', '192.168.1.3', '10.0.254.3', '172.16.3.2', '1.1.1.1'),
  fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 223 }))).map((octets) => octets.join('.')),
);
const port = fc.oneof(fc.constantFrom(22, 53, 80, 443, 500, 1194, 4500), fc.integer({ min: 1, max: 65_535 }));
const packets = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'icmp' as const, 'gre' as const), from: address, to: address,
  ports: fc.tuple(port, port), icmpType: fc.integer({ min: 0, max: 18 }),
});

test('whatever a client sends: it leaves by the tunnel, or is a question to the resolver beside us', async (t) => {
  for (const isOnline of [false, true]) {
    const { all, passage } = await container(t);
    if (isOnline) session(all, 'up');
    // Even should somebody add a way out.
    else perform(all.machine, 'host2-vpn1', ['route', '-nq', 'add', 'default', '192.168.2.1']);
    fc.assert(fc.property(packets, (packet) => {
      const fate = passage.receive(gre, packet);
      if (fate.kind !== 'leaves') return;
      const isQuestion = fate.by === wire && fate.packet.from === ours && fate.packet.to === vpndns && fate.packet.ports[1] === 53;
      if (!(fate.by === tunnel && isOnline) && !isQuestion) throw new Error(`leaves by ${fate.by}: ${JSON.stringify(fate.packet)}`);
    }), { numRuns: 2000 });
  }
});

test('whatever comes by a wire: into the tunnel go questions of who may ask, and to clients their answers', async (t) => {
  const { passage } = await online(t);
  fc.assert(fc.property(packets, fc.constantFrom(wire, anycastWire), (packet, by) => {
    const fate = passage.receive(by, packet);
    if (fate.kind !== 'leaves') return;
    const isQuestion = fate.by === tunnel && packet.ports[1] === 53 && /^(?:192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(packet.from);
    const isAnswer = fate.by === gre && packet.from === vpndns && packet.ports[0] === 53;
    if (!isQuestion && !isAnswer) throw new Error(`leaves by ${fate.by}: ${JSON.stringify(fate.packet)}`);
  }), { numRuns: 2000 });
});

test('the container itself reaches the servers of its provider, the ends of tunnels, the router, and by the tunnel its checks', async (t) => {
  const { passage } = await online(t);
  t.like(passage.send(udp(ours, 1, provider, 1194)), { kind: 'leaves', by: wire });
  t.like(passage.send({ protocol: 'gre', from: anycast, to: '172.16.3.2', ports: [0, 0] }), { kind: 'leaves', by: wire });
  t.like(passage.send(icmp('10.8.0.9', '1.1.1.1')), { kind: 'leaves', by: tunnel });
  t.like(passage.receive(wire, udp(provider, 1194, ours, 1)), { kind: 'arrives' });
  t.like(passage.receive(wire, tcp(router, 1, ours, 22)), { kind: 'arrives' });
  for (const packet of [udp(ours, 1, provider, 53), udp(ours, 1, far, 1194), tcp(ours, 1, far, 443), udp('10.8.0.9', 1, far, 53), icmp(ours, '192.168.1.1')]) {
    t.like(passage.send(packet), { kind: 'dropped' });
  }
  t.like(passage.receive(wire, tcp('192.168.2.20', 1, ours, 22)), { kind: 'dropped' });
});

test('on the host, each reaches of the Internet what it is for, and nobody else anything', async (t) => {
  const { all: { machine } } = await container(t);
  perform(machine, undefined, ['ifconfig', 'igb0', 'inet', '203.0.113.2/24']);
  perform(machine, undefined, ['route', '-nq', 'add', 'default', '203.0.113.254']);
  const passage = new Passage(machine.host);
  const may = [udp(router, 500, '203.0.113.1', 500), udp(vpndns, 1, '9.9.9.9', 53), udp(ours, 1, provider, 1194)];
  for (const packet of may) t.like(left(t, passage.receive('bridge0', packet), 'igb0'), { from: '203.0.113.2', to: packet.to });
  t.like(left(t, passage.receive('igb0', udp('203.0.113.3', 4500, '203.0.113.2', 4500)), 'bridge0'), { to: router, ports: [4500, 4500] });
  const mayNot = [
    udp(router, 500, far, 500), tcp(router, 1, far, 443), udp(vpndns, 1, '8.8.8.8', 53), udp(ours, 1, far, 1194),
    ...['192.168.2.99', client, anycast, '192.168.7.9'].map((from) => tcp(from, 1, far, 443)),
  ];
  for (const packet of mayNot) t.like(passage.receive('bridge0', packet), { kind: 'dropped' }, JSON.stringify(packet));
  t.like(passage.receive('igb0', udp(far, 500, '203.0.113.2', 500)), { kind: 'dropped' });
});

test('on the host, a shared address is where the router says; what the router sends there is for the container here', async (t) => {
  const { all: { machine } } = await container(t);
  const passage = new Passage(machine.host);
  const outer: Packet = { protocol: 'gre', from: '192.168.2.20', to: anycast, ports: [0, 0] };
  t.like(passage.receive('bridge0', outer), { kind: 'leaves', by: 'bridge0' });
  t.like(passage.receive('bridge0', { ...outer, from: router }), { kind: 'leaves', by: 'bridge1' });
  t.like(passage.receive('bridge0', { ...outer, from: '172.16.3.2' }), { kind: 'leaves', by: 'bridge1' });
});

test('a routed client leaves its router by its tunnel, or not at all', async (t) => {
  const all = scene(t, 'host1');
  t.true(await up(all.plan, undefined, all.world, signal), failureOf(all));
  const { stack } = all.machine.jails.get('host1-ipsec')!;
  const passage = new Passage(stack);
  t.like(passage.receive('epair4b', tcp('192.168.7.9', 1, far, 443)), { kind: 'leaves', by: 'gre2' });
  t.like(passage.receive('epair4b', tcp('192.168.1.20', 1, far, 443)), { kind: 'leaves', by: 'epair4b' });
  perform(all.machine, 'host1-ipsec', ['ifconfig', 'gre2', 'destroy']);
  t.not(passage.receive('epair4b', tcp('192.168.7.9', 1, far, 443)).kind, 'leaves');
  t.like(passage.receive('to-host2', tcp('192.168.1.20', 1, '192.168.1.3', 53)), { kind: 'dropped' });
});
