/** An upstream that does what a test says, as a plugin: no socket, no time, every question counted. */
import packet, { type Answer, type RecordType } from 'dns-packet';
import { definePlugin } from '../core/plugin.js';
import { many, named, text } from '../core/properties.js';
import type { Query } from '../core/query.js';
import { failed, upstreamReply, type Reply } from '../core/reply.js';
import type { Route } from '../core/route.js';
import { surveyResponse } from '../core/wire/survey.js';
import { rcodeNumber, typeText } from '../core/wire/types.js';
import { headerOctets } from '../core/wire/layout.js';
import { wireMessage } from './wire.js';

/** What a scripted upstream says to a question. */
export interface Script {
  /** `NXDOMAIN`; default NOERROR. */
  readonly rcode?: string;
  /** Records as dns-packet takes them, or their octets; owner and type default to the question's. */
  readonly answers?: readonly (PartialAnswer | Buffer)[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  readonly flags?: number;
}

export type PartialAnswer = { readonly name?: string; readonly type?: RecordType; readonly ttl?: number; readonly data: unknown };

/** A question as an upstream sees it. */
export interface Asked {
  readonly name: string;
  readonly type: string;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  /** The route by which it came. */
  readonly route: string;
}

/** `'fail'` is no answer at all, `'wait'` none until `release`. */
export type Answerer = (asked: Asked) => Script | 'fail' | 'wait';

export class ScriptedUpstream {
  /** Every question that was asked of it. */
  readonly asked: Asked[] = [];
  /** What it says; may be changed at any time. */
  answer: Answerer;
  #waiting: (() => void)[] = [];

  constructor(answer: Answerer = () => ({ answers: [{ data: '192.0.2.1' }] })) {
    this.answer = answer;
  }

  /** Answers the questions that wait. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const answer of waiting) answer();
  }

  /**
   * The directive `scripted [ROUTE…]`: forwards everything here. With ROUTE words of the form `CIDR=NAME` a client's network decides its
   * route; otherwise there is one route.
   */
  get plugin() {
    return definePlugin({
      name: 'scripted',
      args: many(named('ROUTE', text()), { min: 0 }),
      setup: ({ args }, { block, at }) => {
        const routes = new Map<string, Route>();
        const routeOf = (query: Query): Route => {
          const word = args.find((each) => query.client.address.text.startsWith(each.split('=')[0]!)) ?? 'any=default';
          const id = word.split('=')[1]!;
          const exchange: Route['exchange'] = (asking, callback) => this.#exchange(asking, id, callback);
          const route = routes.get(id) ?? { id, label: `scripted ${id}`, at, upstreams: [`${id}.invalid`], exchange };
          routes.set(id, route);
          return route;
        };
        block.hooks.route.tap('scripted', routeOf);
        block.hooks.resolve.tap('scripted', (query, callback) => query.route!.exchange(query, callback));
      },
    });
  }

  #exchange(query: Query, route: string, callback: (reply: Reply) => void): void {
    const asked: Asked = { name: query.text, type: typeText(query.type), dnssecOk: query.dnssecOk, checkingDisabled: query.checkingDisabled, route };
    this.asked.push(asked);
    const deliver = (): void => {
      const script = this.answer(asked);
      if (script === 'wait') this.#waiting.push(deliver);
      else callback(script === 'fail' ? failed('scripted', 'the script says so') : replyOf(query, script));
    };
    deliver();
  }
}

function replyOf(query: Query, { rcode = 'NOERROR', flags = 0, answers = [], authorities = [], additionals = [] }: Script): Reply {
  const own = answers.map((answer) => (Buffer.isBuffer(answer) ? answer : ({ name: query.text, type: typeText(query.type), ttl: 300, ...answer }) as Answer));
  const message = wireMessage({
    flags: 0x8180 | flags | (rcodeNumber(rcode) ?? 0), questions: [query.bytes.subarray(headerOctets, query.questionEnd)],
    answers: own.map(octetsOf), authorities: authorities.map(octetsOf), additionals: additionals.map(octetsOf),
  });
  return upstreamReply(message, surveyResponse(message)!, 'scripted', false);
}

/** dns-packet never compresses names, so a record's octets are the same anywhere. */
const octetsOf = (record: Answer | Buffer): Buffer =>
  (Buffer.isBuffer(record) ? record : packet.encode({ type: 'response', answers: [record] }).subarray(headerOctets));
