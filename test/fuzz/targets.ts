/** What is fuzzed, and what must hold whatever the octets. */
import assert from 'node:assert/strict';
import { bind, parseCorefile } from '../../core/corefile/index.js';
import { nameFromText, textOfName } from '../../core/name.js';
import { Deframer, frame } from '../../core/wire/frame.js';
import { endOfQuestion } from '../../core/wire/guard.js';
import { headerOctets, putUint16 } from '../../core/wire/layout.js';
import { below } from '../../core/lists/name-table.js';
import type { EntrySink } from '../../plugins/blocklist/formats/entries.js';
import { createParser, formats } from '../../plugins/blocklist/formats/formats.js';
import { plugins } from '../../plugins/index.js';
import {
  createTestServer, encodeQuestion, ScriptedUpstream, TestNetwork, TestRandom, wireMessage, wireQuestion, type TestServer,
} from '../../testing/index.js';
import { faultsOf } from '../answer-rules.js';
import type { Running, Target } from './fuzzer.js';

/** A target without state. */
const pure = (name: string, what: string, run: (input: Buffer) => void): Target =>
  ({ name, what, start: async () => ({ run, stop: async () => undefined }) });

const directives = `
  log
  errors
  any
  acl blocked.test {
    block
  }
  static {
    record host.test 192.0.2.1 2001:db8::1
  }
  nxdomain "^ads[0-9]+\\."
  rebind {
    allow corp.example
  }
  ttl {
    max 3600
  }
  cache {
    prefetch 1 1m 50%
    serve_stale 1h
  }
`;

/** A plugin that throws is a mistake too, though the server bears it. */
function checkLog({ log }: TestServer): void {
  const failures = log.splice(0).filter(({ level, line }) => level === 'error' && line.includes('failed in its'));
  assert.deepEqual(failures.map(({ line }) => line), []);
}

/** Time enough passes between two inputs that no limit a second is reached. */
const pauseMs = 100;

async function startQueries(): Promise<Running> {
  const upstream = new ScriptedUpstream(() => ({ answers: [Buffer.from('c00c0001000100000e10' + '0004c0000201', 'hex')] }));
  const server = await createTestServer(`. {\nlocal\n${directives}\nscripted\n}`, { plugins: [upstream.plugin] });
  return {
    run(input) {
      for (const transport of ['udp', 'tcp'] as const) {
        server.clock.advance(pauseMs);
        const replies: (Buffer | undefined)[] = [];
        server.deliver(input, { transport }, (reply) => replies.push(reply));
        assert.equal(replies.length, 1, 'it is answered, or dropped, once');
        const [reply] = replies;
        if (reply !== undefined) assert.deepEqual(faultsOf(input, reply, transport), []);
      }
      upstream.asked.length = 0;
      checkLog(server);
    },
    stop: () => server.finish(),
  };
}

async function startAnswers(): Promise<Running> {
  const network = new TestNetwork();
  const server = await createTestServer(`. {\n${directives}\nforward . 192.0.2.53 {\nmax_fails 0\n}\n}`, {
    runtime: { sockets: network.sockets, random: new TestRandom() },
  });
  let input = Buffer.alloc(0);
  let asked = 0;
  network.onArrival = ({ query }) => {
    if (input.length < headerOctets) return query.send(input);
    const message = Buffer.concat([input.subarray(0, headerOctets), query.question, input.subarray(headerOctets)]);
    putUint16(message, 0, query.id);
    putUint16(message, 4, 1);
    query.send(message);
  };
  return {
    run(octets) {
      input = Buffer.from(octets);
      const query = encodeQuestion(`n${asked++}.example.org`, 'A', asked & 0xffff, { edns: 1232 });
      const replies: (Buffer | undefined)[] = [];
      server.deliver(query, {}, (reply) => replies.push(reply));
      // Whoever gets no answer that is any good hears so in five seconds.
      for (let n = 0; n < 120 && replies.length === 0; n++) {
        network.flush();
        server.clock.advance(50);
      }
      assert.equal(replies.length, 1, 'it is answered once');
      assert.deepEqual(faultsOf(query, replies[0]!, 'udp'), []);
      checkLog(server);
    },
    stop: () => server.finish(),
  };
}

/** Where the lines of a file begin and end; none of them is empty. */
function* linesOf(bytes: Buffer): Generator<[number, number]> {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) yield [start, end];
    start = end + 1;
  }
}

export const targets: readonly Target[] = [
  { name: 'query', what: 'any message gets one answer that is well formed, or silence; no plugin fails', start: startQueries },
  { name: 'answer', what: 'whatever an upstream says, the client gets one answer that is well formed; no plugin fails', start: startAnswers },
  pure('stream', 'however a stream is cut into segments, its messages are the same', (input) => {
    const whole = new Deframer().push(input).map((message) => Buffer.from(message));
    for (const size of [1, 2, 3, 7, 64]) {
      const deframer = new Deframer();
      const messages: Buffer[] = [];
      for (let at = 0; at < input.length; at += size) messages.push(...deframer.push(input.subarray(at, at + size)).map((message) => Buffer.from(message)));
      assert.deepEqual(messages, whole);
    }
    assert.deepEqual(Buffer.concat(whole.map(frame)), input.subarray(0, whole.reduce((sum, { length }) => sum + 2 + length, 0)));
  }),
  pure('name', 'a text is no name, or a name that its own text gives back', (input) => {
    let name;
    try {
      name = nameFromText(input.toString());
    } catch (error) {
      assert(error instanceof RangeError, String(error));
      return;
    }
    assert(name.length <= 255);
    assert.equal(nameFromText(textOfName(name)), name);
    assert.match(textOfName(name), /^[!-~]+$/);
  }),
  pure('corefile', 'any text is blocks or mistakes, and binding it too', (input) => {
    const source = { readFile: () => { throw new Error('no such file'); }, glob: () => [] };
    const { blocks, mistakes } = parseCorefile({ file: 'Corefile', text: input.toString(), env: {}, source });
    const bound = bind(blocks, plugins);
    for (const { at, problem } of [...mistakes, ...bound.mistakes]) assert(at.line >= 1 && at.column >= 1 && problem !== '');
  }),
  pure('list', 'no line of a list, in any format, makes its parser throw, and what it takes for a name is one', (input) => {
    const sink: EntrySink = {
      name(wire, length) {
        assert.equal(endOfQuestion(wireMessage({ questions: [wireQuestion(Buffer.from(wire.subarray(0, length)))] })), headerOctets + length + 4);
      },
      bad: (reason) => assert(reason !== ''),
    };
    const lines = [...linesOf(input)];
    for (const format of formats) {
      const parse = createParser(format, below, sink);
      for (const [start, end] of lines) parse(input, start, end);
    }
  }),
];

/** One that fails on purpose, to show that what there is to find is found. */
export const canary: Target = pure('canary', 'no query asks for type 99', (input) => {
  assert(!input.includes(Buffer.from('00630001', 'hex')), 'it sings');
});

/** Where the canary begins. */
export const canarySeed = wireMessage({ questions: [Buffer.from('0000610001', 'hex')] });
