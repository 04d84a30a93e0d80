/** Calls that every worker carries out on what it has of its own, and that worker 0 answers. */
import type { Host } from '../host.js';
import { ApiError, type AnyPlugin, type ApiCall, type ApiRequest, type ApiResult } from '../plugin.js';
import type { CallQuestion } from './messages.js';

type AnyCall = ApiCall<never>;

/** The instances of a plugin in this worker. Throws an `ApiError` when the Corefile leaves it out. */
function instancesOf(host: Host, definition: AnyPlugin): never {
  const instances = host.seats.filter((seat) => seat.definition === definition).map(({ instance }) => instance);
  if (instances.length === 0) throw new ApiError(404, `this call needs the directive ${definition.name}, which the Corefile does not have`);
  // Those of a definition are of its kind.
  return instances as never;
}

/** Carries out a call in worker 0, and in the others what concerns them too. */
export async function carryOut(host: Host, definition: AnyPlugin, call: AnyCall, request: ApiRequest): Promise<ApiResult> {
  const instances = instancesOf(host, definition);
  if (call.handle !== undefined) return call.handle(instances, request);
  const { workers } = host;
  const { params, query } = request;
  const own = await call.ask(instances, request);
  const others = workers.isFirst ? await workers.ask({ method: call.method, path: call.path, params: { ...params }, query }) : [];
  return call.reply([own, ...others], request);
}

/** This worker's part of a call. */
export async function carryOutPart(host: Host, { method, path, ...request }: CallQuestion): Promise<object> {
  for (const definition of host.configuration.plugins) {
    const call = definition.api?.find((each) => each.method === method && each.path === path);
    if (call?.ask !== undefined) return call.ask(instancesOf(host, definition), request);
  }
  throw new ApiError(404, `there is no call ${method} ${path}`);
}
