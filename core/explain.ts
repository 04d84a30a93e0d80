/** What would happen to a query, plugin by plugin. No packet is sent, and nothing remembers that it was asked. */
import { textOfEndpoint, type Address } from './address.js';
import { DnsBlock } from './block.js';
import { messageOf, type Position } from './errors.js';
import type { Host, Seat } from './host.js';
import { textOfName, type Name } from './name.js';
import type { Explanation } from './plugin.js';
import { Query } from './query.js';
import { accepted, judgeQuestion } from './wire/guard.js';
import { classIn, flag } from './wire/layout.js';
import { writeQuestion } from './wire/question.js';
import { rcodeText, typeText } from './wire/types.js';
import { ZoneTable } from './zones.js';

export interface Question {
  readonly client: Address;
  readonly name: Name;
  readonly type: number;
  /** The port that is asked; without it, blocks of every port are in question, the first in the file before the others. */
  readonly port?: number | undefined;
}

/** What one plugin makes of the query. */
export interface ExplanationStep extends Omit<Explanation, 'at'> {
  readonly plugin: string;
  readonly at: Position;
}

export interface QueryExplanation {
  /** `www.example.org A from 192.0.2.1` */
  readonly question: string;
  /** The server block that serves the name; none means REFUSED. */
  readonly block: { readonly label: string; readonly at: Position } | undefined;
  /** In the order in which the plugins act, up to the one that ends it. */
  readonly steps: readonly ExplanationStep[];
  /** The way out that the policy chose, where the query got that far. */
  readonly route: { readonly id: string; readonly label: string; readonly at: Position; readonly upstreams: readonly string[] } | undefined;
  /** The end, in words. */
  readonly outcome: string;
}

/** Explains a query to this generation of a host, which need not have started. */
export async function explainQuery(host: Host, question: Question): Promise<QueryExplanation> {
  const { client, name, type } = question;
  const text = `${textOfName(name)} ${typeText(type)} from ${client.text}`;
  const nothing = { question: text, steps: [], route: undefined };
  const judgement = judgeQuestion(type, classIn);
  if (judgement !== accepted) return { ...nothing, block: undefined, outcome: `${rcodeText(judgement)}: no server block answers this type` };
  const block = blockFor(host, question);
  if (block === undefined) return { ...nothing, block, outcome: 'REFUSED: no server block has a zone for this name' };
  const query = queryFor(question, block);
  const steps: ExplanationStep[] = [];
  for (const seat of host.seats) {
    if (seat.block !== block || steps.at(-1)?.final === true) continue;
    const step = await explainStep(seat, query);
    if (step !== undefined) steps.push(step);
  }
  const last = steps.at(-1);
  const outcome = last?.final === true ? `${last.plugin}: ${last.decision}` : 'REFUSED: no plugin answers this query';
  const route = query.chosenRoute;
  return {
    question: text, block: { label: block.label, at: block.at }, steps, outcome,
    route: route && { id: route.id, label: route.label, at: route.at, upstreams: route.upstreams },
  };
}

/** The block with the longest zone for the name. */
function blockFor(host: Host, { name, port }: Question): DnsBlock | undefined {
  const table = new ZoneTable();
  for (const block of host.blocks) {
    if (!(block instanceof DnsBlock)) continue;
    const addresses = block.addresses.filter((address) => port === undefined || address.port === port);
    for (const zone of addresses.flatMap(({ zones }) => zones)) table.add(zone, block);
  }
  return table.find(name);
}

/** The query as such a client would send it, over UDP. */
function queryFor({ client, name, type }: Question, block: DnsBlock): Query {
  const bytes = writeQuestion(name, type, flag.rd);
  const [endpoint] = block.endpoints;
  const local = endpoint === undefined ? '' : textOfEndpoint(endpoint);
  return new Query(bytes, bytes.length, undefined, name, { address: client, port: 0, transport: 'udp', local }, block, block.host.clock.now());
}

async function explainStep({ definition: { name }, instance, at }: Seat, query: Query): Promise<ExplanationStep | undefined> {
  try {
    const explanation = await instance.explain?.(query);
    return explanation && { plugin: name, at, ...explanation };
  } catch (error) {
    return { plugin: name, at, decision: `can't tell: ${messageOf(error)}`, final: false };
  }
}

const place = ({ file, line }: Position): string => `${file}:${line}`;

/** The explanation for a terminal: a line a plugin, each with its place in the Corefile. */
export function textOfExplanation({ question, block, steps, route, outcome }: QueryExplanation): string {
  const rows: (readonly [string, string, string])[] = [];
  if (block !== undefined) rows.push(['server block', block.label, place(block.at)]);
  for (const { plugin, decision, at } of steps) rows.push([plugin, decision, place(at)]);
  if (route !== undefined) rows.push(['route', `${route.label}: ${route.upstreams.join(', ') || 'no upstream'}`, place(route.at)]);
  const width = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const lines = rows.map(([who, what, where]) => `  ${who.padEnd(width(0))}  ${what.padEnd(width(1))}  ${where}`);
  return [question, ...lines, `=> ${outcome}`, ''].join('\n');
}
