/** The calls that belong to no other plugin. */
import { parseAddress } from '../../core/address.js';
import { explainQuery, type Question } from '../../core/explain.js';
import { nameFromText } from '../../core/name.js';
import { limits } from '../../core/limits.js';
import { ApiError, sharedCall, type ApiCall, type ApiResult, type UpstreamReport } from '../../core/plugin.js';
import { presentable } from '../../core/present.js';
import { processFacts } from '../../core/process-metrics.js';
import { addReports } from '../../core/upstream/index.js';
import { typeNumber } from '../../core/wire/types.js';
import { everyUnready } from '../../core/workers/index.js';
import { filterParameters, readFilter } from './filter.js';
import type { Admin } from './http-admin.js';
import type { Recent, TimedQuery } from './queries.js';

type Parameters = Readonly<Record<string, string>>;

const counted = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`;

/** What `presentable` makes of an object. */
const shown = (value: object): object => presentable(value) as object;

function readQuestion({ client: clientText, name: nameText, type: typeName = 'A', port }: Parameters): Question {
  if (clientText === undefined || nameText === undefined) throw new ApiError(400, 'client=IP and name=NAME are needed');
  const client = parseAddress(clientText);
  if (client === undefined) throw new ApiError(400, `client: '${clientText}' is no IP address`);
  const type = typeNumber(typeName);
  if (type === undefined) throw new ApiError(400, `type: '${typeName}' is no record type`);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new ApiError(400, `port: '${port}' is no port`);
  try {
    return { client, name: nameFromText(nameText), type, port: port === undefined ? undefined : Number(port) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError(400, `name: ${error.message}`);
  }
}

/** A reload that gives up the very address on which it was ordered has worked by then; its caller gets the answer while there is time. */
async function reload({ host }: Admin, closing: AbortSignal): Promise<ApiResult> {
  const moved = new Promise<undefined>((resolve) => closing.addEventListener('abort', () => resolve(undefined), { once: true }));
  const report = await Promise.race([host.reload(), moved]);
  if (report === undefined) return { message: 'reloaded; this address is not served any more', data: {} };
  const { generation, errors } = report;
  if (errors.length > 0) return { message: 'the old configuration goes on', failed: true, data: { errors } };
  return { message: 'reloaded', data: { generation } };
}

type Status = Awaited<ReturnType<typeof statusOf>>;

async function statusOf({ host }: Admin) {
  const { node, pid, memory } = processFacts();
  return {
    name: host.name, version: host.version, node, pid, uptime_seconds: Math.floor((host.clock.now() - host.startedAt) / 1000),
    generation: host.generation, listeners: host.listeners(), not_ready: await everyUnready(host), memory,
    plugins: [...new Set(host.seats.map(({ definition }) => definition.name))],
  };
}

function configuration({ host: { configuration: { files, blocks }, generation } }: Admin): ApiResult {
  const data = {
    files,
    blocks: blocks.map(({ addresses, at, directives }) => ({
      addresses: addresses.map(({ text }) => text), at,
      directives: directives.map(({ definition: { name }, at: place, options }) => ({ name, at: place, options: { ...(options as object), at: undefined } })),
    })),
  };
  return { message: `generation ${generation}`, data: shown(data) };
}


export const adminCalls: readonly ApiCall<Admin>[] = [
  {
    method: 'POST', path: '/config/reload', summary: 'Reloads the Corefile; with a mistake in it the old configuration goes on',
    handle: ([admin], { closing }) => reload(admin!, closing),
  },
  { method: 'GET', path: '/config', summary: 'The running configuration, with secrets left out', handle: ([admin]) => configuration(admin!) },
  {
    method: 'GET', path: '/explain', summary: 'What would happen to a query, plugin by plugin; no packet is sent',
    query: {
      client: 'The address that asks (needed)', name: 'The name asked for (needed)', type: 'The record type; A if left out', port: 'The port that is asked',
    },
    async handle([admin], { query }) {
      const explanation = await explainQuery(admin!.host, readQuestion(query));
      return { message: explanation.outcome, data: shown(explanation) };
    },
  },
  sharedCall<Admin, readonly TimedQuery[]>({
    method: 'GET', path: '/queries', summary: 'The last queries, newest first; with Accept: text/event-stream, live', query: filterParameters,
    ask: ([admin], { query }) => admin!.queries.last(readFilter(query)),
    reply(parts, { query }) {
      const { limit = limits.queriesKept } = readFilter(query);
      const newestFirst = parts.flat().sort(([a], [b]) => b - a).slice(0, limit);
      const data: Recent = { queries: newestFirst.map(([, shown]) => shown) };
      return { message: counted(newestFirst.length, 'query', 'queries'), data };
    },
  }),
  sharedCall<Admin, readonly UpstreamReport[]>({
    method: 'GET', path: '/upstreams', summary: 'Each upstream: health, failures, queries in flight, latency',
    ask: ([admin]) => admin!.host.seats.flatMap(({ instance }) => instance.upstreams?.() ?? []),
    reply(parts) {
      const groups = addReports(parts);
      return { message: counted(groups.length, 'group', 'groups'), data: { groups: shown(groups) } };
    },
  }),
  sharedCall<Admin, Status>({
    method: 'GET', path: '/status', summary: 'Version, uptime, generation, listeners, plugins, memory',
    ask: ([admin]) => statusOf(admin!),
    reply([own, ...others]) {
      const { memory: { resident, ...heaps } } = own;
      const sums = Object.entries(heaps).map(([name, bytes]) => [name, others.reduce((sum, { memory }) => sum + (memory[name] ?? 0), bytes)]);
      return { message: `${own.name} ${own.version}`, data: { ...own, workers: 1 + others.length, memory: { resident, ...Object.fromEntries(sums) } } };
    },
  }),
];
