/** The calls that belong to no other plugin. */
import { parseAddress } from '../../core/address.js';
import { explainQuery, type Question } from '../../core/explain.js';
import { nameFromText } from '../../core/name.js';
import { ApiError, type ApiCall, type ApiResult } from '../../core/plugin.js';
import { presentable } from '../../core/present.js';
import { processFacts } from '../../core/process-metrics.js';
import { typeNumber } from '../../core/wire/types.js';
import { filterParameters, readFilter } from './filter.js';
import type { Admin } from './http-admin.js';

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

function status({ host }: Admin): ApiResult {
  const { node, pid, memory } = processFacts();
  return {
    message: `${host.name} ${host.version}`,
    data: {
      name: host.name, version: host.version, node, pid, uptime_seconds: Math.floor((host.clock.now() - host.startedAt) / 1000),
      generation: host.generation, listeners: host.listeners(), not_ready: host.unready(), memory,
      plugins: [...new Set(host.seats.map(({ definition }) => definition.name))],
    },
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

function upstreams({ host }: Admin): ApiResult {
  const groups = host.seats.flatMap(({ instance }) => instance.upstreams?.() ?? []);
  const unique = [...new Map(groups.map((group) => [`${group.plugin} ${group.id}`, group])).values()];
  return { message: counted(unique.length, 'group', 'groups'), data: { groups: shown(unique) } };
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
  {
    method: 'GET', path: '/queries', summary: 'The last queries, newest first; with Accept: text/event-stream, live', query: filterParameters,
    handle([admin], { query }) {
      const queries = admin!.queries.last(readFilter(query));
      return { message: counted(queries.length, 'query', 'queries'), data: { queries } };
    },
  },
  { method: 'GET', path: '/upstreams', summary: 'Each upstream: health, failures, queries in flight, latency', handle: ([admin]) => upstreams(admin!) },
  { method: 'GET', path: '/status', summary: 'Version, uptime, generation, listeners, plugins, memory', handle: ([admin]) => status(admin!) },
];
