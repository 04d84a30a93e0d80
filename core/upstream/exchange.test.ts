import test from 'ava';
import packet from 'dns-packet';
import { startForwarding, type Behaviour, type ReceivedQuery } from '../../testing/index.js';

const right = { answers: [{ data: '192.0.2.1' }] };
const wrong = { answers: [{ data: '203.0.113.66' }] };
const helpful: Behaviour = (query) => query.answer(right);
const truncated = packet.TRUNCATED_RESPONSE;

/** Answers after every one of these messages has been sent. */
const after = (forge: (query: ReceivedQuery) => readonly Buffer[]): Behaviour => (query) => {
  for (const message of forge(query)) query.send(message);
  return query.answer(right);
};

test('a query goes out with an id and an OPT record of our own, the question in its case, and nothing else of the client', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  const opt = Buffer.from('0000291000' + '00008000' + '0014' + '000a0008' + '0102030405060708' + '00080004' + '00010000', 'hex');
  const question = Buffer.concat([Buffer.from('\x03wWw\x07eXample\x03oRg\0', 'latin1'), Buffer.from('00010001', 'hex')]);
  const answer = await server.send(Buffer.concat([Buffer.from('bee501300001000000000001', 'hex'), question, opt]));
  const [sent] = upstream.received;
  t.deepEqual(sent!.question, question);
  // RD and CD; AD is ours to ask for, and we don't.
  t.is(sent!.flags, 0x0110);
  t.deepEqual(sent!.bytes.subarray(sent!.questionEnd), Buffer.from('00002904d0000080000000', 'hex'));
  t.is(answer!.readUInt16BE(0), 0xbee5);
  t.deepEqual(answer!.subarray(12, 12 + question.length), question);
});

test('a client without EDNS gets an answer without, though we ask with it', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  const { message, answers } = await server.ask('www.example.org');
  t.deepEqual(answers, ['www.example.org 300 A 192.0.2.1']);
  t.deepEqual(message.additionals, []);
  t.is(upstream.received[0]!.edns!.udpSize, 1232);
  t.false(upstream.received[0]!.edns!.dnssecOk);
});

test('AA never comes through; AD comes through from trusted servers only', async (t) => {
  const signed: Behaviour = (query) => query.answer({ ...right, flags: packet.AUTHORITATIVE_ANSWER | packet.AUTHENTIC_DATA });
  for (const [options, trusted] of [['', false], ['trust_ad', true]] as const) {
    const { server, upstream } = await startForwarding(t, [signed], { options });
    const { message } = await server.ask('www.example.org');
    t.false(message.flag_aa);
    t.is(message.flag_ad, trusted);
    t.is((upstream.received[0]!.flags & packet.AUTHENTIC_DATA) !== 0, trusted);
  }
});

test('what is not the answer is ignored, and the answer that follows is taken', async (t) => {
  const forgeries: Record<string, (query: ReceivedQuery) => Buffer> = {
    'another id': (query) => query.answer({ ...wrong, id: query.id ^ 1 }),
    'another name': (query) => query.answer({ ...wrong, question: { name: 'www.example.net' } }),
    'another type': (query) => query.answer({ ...wrong, question: { type: 'AAAA' } }),
    'another class': (query) => query.answer({ ...wrong, question: { class: 'CH' } }),
    'a query': (query) => query.bytes,
    'another opcode': (query) => query.answer({ ...wrong, flags: 4 << 11 }),
    'no header': (query) => query.bytes.subarray(0, 11),
    'half a question': (query) => query.answer().subarray(0, 20),
  };
  const names = Object.keys(forgeries);
  let turn = 0;
  const { server } = await startForwarding(t, [after((query) => [forgeries[names[turn]!]!(query)])]);
  for (; turn < names.length; turn++) t.deepEqual((await server.ask(`n${turn}.example.org`)).data, ['192.0.2.1'], names[turn]);
});

test('an answer from another port is not even seen', async (t) => {
  const { server } = await startForwarding(t, [async (query) => {
    for (let i = 0; i < 10; i++) await query.sendFromElsewhere(query.answer(wrong));
    return query.answer(right);
  }]);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
});

test('after a few foreign answers the query goes over TCP, and what still comes over UDP is ignored', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => {
    if (query.transport === 'tcp') {
      upstream.received[0]!.send(upstream.received[0]!.answer(wrong));
      return query.answer(right);
    }
    for (let guess = 1; guess <= 3; guess++) query.send(query.answer({ ...wrong, id: query.id ^ guess }));
    return undefined;
  }]);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  t.deepEqual(upstream.received.map(({ transport }) => transport), ['udp', 'tcp']);
});

test('an answer to the question in another case is asked for again over TCP, where the case proves nothing', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => query.answer({ ...right, question: { name: 'www.example.org' } })]);
  t.deepEqual((await server.ask('WWW.Example.org')).data, ['192.0.2.1']);
  t.deepEqual(upstream.received.map(({ transport }) => transport), ['udp', 'tcp']);
});

test('a malformed answer is asked for again over TCP; malformed there too, it is a failure', async (t) => {
  const cut = (query: ReceivedQuery): Buffer => query.answer(right).subarray(0, -20);
  const { server, upstream } = await startForwarding(t, [(query) => (query.transport === 'udp' ? cut(query) : query.answer(right))]);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  upstream.behaviour = cut;
  const { rcode, error } = await server.ask('other.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.is(error!.code, 23);
});

test('a truncated answer is fetched over TCP', async (t) => {
  const whole200 = { answers: Array.from({ length: 200 }, () => ({ data: '192.0.2.1' })) };
  const { server, upstream } = await startForwarding(t, [(query) =>
    query.transport === 'udp' ? query.answer({ ...wrong, flags: truncated }) : query.answer(whole200)]);
  const whole = await server.ask('www.example.org', 'A', { transport: 'tcp' });
  t.is(whole.data.length, 200);
  t.deepEqual(upstream.received.map(({ transport }) => transport), ['tcp'], 'who asks over TCP is asked for over TCP');
  const small = await server.ask('www.example.net');
  t.true(small.truncated);
  t.deepEqual(small.data, []);
  t.deepEqual(upstream.received.slice(1).map(({ transport }) => transport), ['udp', 'tcp']);
});

test('a truncated answer whose whole can not be had is a failure', async (t) => {
  const { server } = await startForwarding(t, [(query) => query.answer({ ...wrong, flags: truncated })], { loopback: { tcp: false } });
  const { rcode, data } = await server.ask('www.example.org');
  t.is(rcode, 'SERVFAIL');
  t.deepEqual(data, []);
});

test('equal questions in flight share one query; each client gets its own id and case', async (t) => {
  let answer: (() => void) | undefined;
  const { server, upstream } = await startForwarding(t, [(query) => new Promise((resolve) => (answer = () => resolve(query.answer(right))))]);
  const answers = Array.from({ length: 100 }, (_, i) => server.ask(i % 2 === 0 ? 'www.example.org' : 'WWW.example.ORG', 'A', { port: 1024 + i }));
  await upstream.arrival(1);
  answer!();
  for (const [i, { data, message }] of (await Promise.all(answers)).entries()) {
    t.deepEqual(data, ['192.0.2.1']);
    t.is(message.id, i);
    t.is(message.questions![0]!.name, i % 2 === 0 ? 'www.example.org' : 'WWW.example.ORG');
  }
  t.is(upstream.received.length, 1);
});

test('another name, type, DO or CD is another question', async (t) => {
  const waiting: (() => void)[] = [];
  const { server, upstream } = await startForwarding(t, [(query) => new Promise((resolve) => waiting.push(() => resolve(query.answer())))]);
  const answers = [
    server.ask('a.example.org'), server.ask('b.example.org'), server.ask('a.example.org', 'AAAA'),
    server.ask('a.example.org', 'A', { dnssecOk: true }), server.ask('a.example.org', 'A', { checkingDisabled: true }),
  ];
  await upstream.arrival(5);
  for (const answer of waiting) answer();
  await Promise.all(answers);
  t.is(upstream.received.length, 5);
});

test('a question may be asked anew when its answer is here', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  for (let i = 0; i < 3; i++) await server.ask('www.example.org');
  t.is(upstream.received.length, 3);
  t.is(new Set(upstream.received.map(({ peer }) => peer.port)).size, 3, 'from a port of its own each time');
});

test('a server that refuses EDNS is asked without, and remembered', async (t) => {
  for (const rcode of ['FORMERR', 'NOTIMP', 'BADVERS']) {
    const { server, upstream } = await startForwarding(t, [(query) =>
      query.edns === undefined ? query.answer(right) : query.answer({ rcode, edns: rcode === 'BADVERS' })]);
    t.deepEqual((await server.ask('a.example.org', 'A', { dnssecOk: true })).data, ['192.0.2.1'], rcode);
    t.deepEqual((await server.ask('b.example.org')).data, ['192.0.2.1'], rcode);
    t.deepEqual(upstream.received.map(({ edns }) => edns !== undefined), [true, false, false], rcode);
    server.clock.advance(900_000);
    await server.ask('c.example.org');
    t.is(upstream.received.length, 5, 'it is tried again after a while');
  }
});

test('an error of a server that knows EDNS is its answer', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => query.answer({ rcode: 'FORMERR' })]);
  t.is((await server.ask('a.example.org')).rcode, 'FORMERR');
  t.is(upstream.received.length, 1);
});

test('an error with and without EDNS is the answer, and not held against EDNS', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) =>
    query.answer(query.type === 'ANY' ? { rcode: 'NOTIMP', edns: false } : right)]);
  t.is((await server.ask('a.example.org', 'ANY')).rcode, 'NOTIMP');
  await server.ask('a.example.org');
  t.deepEqual(upstream.received.map(({ edns }) => edns !== undefined), [true, false, true]);
});

test('a bare error of a server that could not read our query counts as a refusal of EDNS', async (t) => {
  const { server } = await startForwarding(t, [(query) => {
    if (query.edns === undefined) return query.answer(right);
    const bare = query.answer({ rcode: 'FORMERR' }).subarray(0, 12);
    bare.writeUInt16BE(0, 4);
    bare.writeUInt16BE(0, 10);
    return bare;
  }]);
  t.deepEqual((await server.ask('a.example.org')).data, ['192.0.2.1']);
});

test('records of unknown types come through octet by octet', async (t) => {
  const rdata = Buffer.from('00ff80c00c0102', 'hex');
  const { server } = await startForwarding(t, [(query) => {
    const message = query.answer({ answers: [{ type: 'NULL', data: rdata }] });
    // TYPE65280
    message.writeUInt16BE(65_280, query.questionEnd + 17);
    return message;
  }]);
  const { bytes } = await server.ask('www.example.org', 'A');
  t.true(bytes.includes(Buffer.concat([Buffer.from('ff000001', 'hex'), Buffer.from('0000012c0007', 'hex'), rdata])));
});

test('with force_tcp nothing goes over UDP; with prefer_udp it does even for clients on TCP', async (t) => {
  for (const [options, clientTransport, expected] of [['force_tcp', 'udp', 'tcp'], ['prefer_udp', 'tcp', 'udp']] as const) {
    const { server, upstream } = await startForwarding(t, [helpful], { options });
    t.deepEqual((await server.ask('www.example.org', 'A', { transport: clientTransport })).data, ['192.0.2.1']);
    t.deepEqual(upstream.received.map(({ transport }) => transport), [expected]);
  }
});

test('no answer at all is SERVFAIL with its reason, within five seconds and after at most three sends', async (t) => {
  const { server, upstream } = await startForwarding(t, [() => undefined], { options: 'max_fails 0' });
  const asked = server.ask('www.example.org', 'A', { edns: 1232 });
  await upstream.arrival(1);
  server.clock.advance(5_000);
  const { rcode, error } = await asked;
  t.is(rcode, 'SERVFAIL');
  t.deepEqual(error, { code: 22, text: `${upstream.endpoint}: no answer` });
  await upstream.arrival(3);
  t.is(upstream.received.length, 3);
  t.is(new Set(upstream.received.map(({ id }) => id)).size, 3, 'each with an id of its own');
});

test('beyond max_concurrent further questions fail at once', async (t) => {
  const waiting: (() => void)[] = [];
  const patient: Behaviour = (query) => new Promise((resolve) => waiting.push(() => resolve(query.answer(right))));
  const { server, upstream } = await startForwarding(t, [patient], { options: 'max_concurrent 2' });
  const [a, b] = [server.ask('a.example.org'), server.ask('b.example.org')];
  await upstream.arrival(2);
  const { rcode, error } = await server.ask('c.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.is(error!.code, 23);
  const joined = server.ask('a.example.org');
  for (const answer of waiting) answer();
  for (const { data } of await Promise.all([a, b, joined])) t.deepEqual(data, ['192.0.2.1']);
  t.regex(await server.metrics.text('vpndns'), /vpndns_forward_max_concurrent_rejects_total 1/);
});

test('what no server has answered in its time makes room for what is new', async (t) => {
  const silent: Behaviour = (query) => (query.name.startsWith('dead') ? undefined : query.answer(right));
  const { server, upstream } = await startForwarding(t, [silent], { options: 'max_concurrent 2\nmax_fails 0' });
  const dead = [server.ask('dead1.example.org', 'A', { edns: 1232 }), server.ask('dead2.example.org')];
  await upstream.arrival(2);
  server.clock.advance(1_999);
  t.is((await server.ask('early.example.org')).rcode, 'SERVFAIL');
  server.clock.advance(1);
  t.deepEqual((await server.ask('good.example.org')).data, ['192.0.2.1']);
  const { rcode, error } = (await dead[0])!;
  t.is(rcode, 'SERVFAIL');
  t.regex(error!.text, /^too many queries are waiting for upstreams, of which this had waited longest/);
  server.clock.advance(5_000);
  t.is((await dead[1])!.rcode, 'SERVFAIL');
  t.regex(await server.metrics.text(''), /^limit_reached_total{limit="upstreamInFlight"} 2$/m);
  t.is(server.log.filter(({ line }) => line.includes('upstream: the limit upstreamInFlight is reached')).length, 1);
});

test('what upstreams do is counted under CoreDNS\'s names', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  await server.ask('www.example.org');
  const text = await server.metrics.text('coredns');
  t.true(text.includes(`coredns_proxy_request_duration_seconds_count{to="${upstream.endpoint}",rcode="NOERROR"} 1`));
});
