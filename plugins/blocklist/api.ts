/** The calls that `blocklist` adds to the admin API. Exceptions are shared by all directives that keep them in the same file. */
import { parseAddress, parseCidr, type Address, type Cidr } from '../../core/address.js';
import { messageOf, OperationalError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { isWithin, nameFromText, textOfName, type Name } from '../../core/name.js';
import { ApiError, type ApiCall, type ApiRequest, type ApiResult } from '../../core/plugin.js';
import { duration } from '../../core/properties.js';
import type { Blocklist, Finding } from './blocklist.js';
import { savedForm, type Exception } from './exception-file.js';
import type { Exceptions, NewException } from './exceptions.js';

type Instances = readonly Blocklist[];

/** Runs a reader; what it throws is the caller's mistake. */
function asked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ApiError(400, messageOf(error));
  }
}

const nameIn = ({ params }: ApiRequest): Name => asked(() => nameFromText(params['name'] ?? ''));

function addressIn(text: string | undefined): Address | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  if (text !== undefined && address === undefined) throw new ApiError(400, `client: '${text}' is no address`);
  return address;
}

function cidrIn(text: string | undefined): Cidr | undefined {
  const cidr = text === undefined ? undefined : parseCidr(text);
  if (text !== undefined && cidr === undefined) throw new ApiError(400, `client: '${text}' is no network`);
  return cidr;
}

function exceptionIn(request: ApiRequest): NewException {
  const { client, for: time, subdomains, reason } = request.query;
  const cidr = cidrIn(client);
  const forMs = time === undefined ? undefined : asked(() => duration({ min: 1 }).read(time, { file: 'query', line: 1, column: 1 }));
  if (subdomains !== undefined && subdomains !== '0' && subdomains !== '1') throw new ApiError(400, `subdomains: '${subdomains}' is neither 0 nor 1`);
  if (reason !== undefined && reason.length > limits.listExceptionReason) {
    throw new ApiError(400, `reason: longer than ${limits.listExceptionReason} characters`);
  }
  return {
    name: nameIn(request), subdomains: subdomains === '1',
    ...(cidr !== undefined && { client: cidr }),
    ...(forMs !== undefined && { forMs }),
    ...(reason !== undefined && { reason }),
  };
}

const storesOf = (instances: Instances): readonly Exceptions[] => [...new Set(instances.map(({ exceptions }) => exceptions))];

/** Changes every store. A change that can't be written is in force nevertheless, and the caller has to know. */
async function changeAll<T>(instances: Instances, change: (store: Exceptions) => Promise<T>): Promise<readonly T[]> {
  try {
    return await Promise.all(storesOf(instances).map(change));
  } catch (error) {
    throw error instanceof OperationalError ? new ApiError(500, error.message) : error;
  }
}

async function add(instances: Instances, request: ApiRequest): Promise<ApiResult> {
  const exception = exceptionIn(request);
  const name = textOfName(exception.name);
  const outcomes = await changeAll(instances, (store) => store.add(exception));
  const failure = outcomes.includes('added') ? undefined : outcomes[0];
  if (failure === 'too many') return { message: `there are ${limits.listExceptions} exceptions already; delete some first`, data: {}, failed: true };
  return failure === undefined ? { message: 'added', data: { added: name } } : { message: failure, data: { added: name }, failed: true };
}

async function remove(instances: Instances, request: ApiRequest): Promise<ApiResult> {
  const name = nameIn(request);
  const deleted = (await changeAll(instances, (store) => store.delete(name))).flat();
  return { message: deleted.length > 0 ? 'deleted' : 'no such exception', data: { deleted: textOfName(name) }, failed: deleted.length === 0 };
}

async function clear(instances: Instances): Promise<ApiResult> {
  await changeAll(instances, (store) => store.clear());
  return { message: 'cleared', data: {} };
}

function list(instances: Instances, { query }: ApiRequest): ApiResult {
  const exceptions = storesOf(instances).flatMap((store) => store.list()).map(savedForm);
  const names = [...new Set(exceptions.map(({ name }) => name))];
  return { message: `${exceptions.length} exceptions`, data: { exceptions: query['details'] === '1' ? exceptions : names } };
}

async function reload(instances: Instances): Promise<ApiResult> {
  const sets = [...new Set(instances.flatMap(({ set }) => set ?? []))];
  const results = await Promise.allSettled(sets.map((set) => set.reload()));
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
  const loaded = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const sources = loaded.flatMap(({ lists }) => lists);
  const data = {
    sources,
    names: loaded.reduce((sum, { blocked }) => sum + blocked.size, 0),
    skipped: sources.reduce((sum, { skipped }) => sum + skipped, 0),
    seconds: Math.max(0, ...loaded.map(({ seconds }) => seconds)),
  };
  return { message: problems.length === 0 ? 'completed' : problems.join('; '), data, failed: problems.length > 0 };
}

async function check(instances: Instances, request: ApiRequest): Promise<ApiResult> {
  const name = nameIn(request);
  const client = addressIn(request.query['client']);
  const found = (await Promise.all(instances.map((instance) => instance.find(name, client)))).filter((finding) => finding !== undefined);
  const isAbout = (each: Exception): boolean => each.name === name || (each.subdomains && isWithin(name, each.name));
  const exceptions = storesOf(instances).flatMap((store) => store.list()).filter(isAbout);
  const blocked = found.some(({ verdict }) => verdict.pardon === undefined);
  return {
    message: blocked ? 'blocked' : found.length > 0 ? 'listed, but not blocked' : 'not listed',
    data: { name: textOfName(name), blocked, lists: found.map(findingForm), exceptions: exceptions.map(savedForm) },
  };
}

const findingForm = ({ verdict: { list: { label, path }, entry, pardon }, line }: Finding): object => ({
  list: label, path, line, entry: textOfName(entry), blocked: pardon === undefined, ...(pardon !== undefined && { because: pardon }),
});

export const blocklistCalls: readonly ApiCall<Blocklist>[] = [
  {
    method: 'POST', path: '/blocklist/add_exception/:name', summary: 'Unblocks a name, at once',
    query: {
      client: 'a network (CIDR) or an address: for these clients only', for: 'a duration such as 30m, after which it ends',
      subdomains: '1: the names below it too', reason: 'a remark for people',
    },
    handle: add,
  },
  { method: 'POST', path: '/blocklist/del_exception/:name', summary: 'Takes back the exceptions of a name', handle: remove },
  { method: 'POST', path: '/blocklist/clear_exceptions', summary: 'Takes back all exceptions', handle: clear },
  {
    method: 'GET', path: '/blocklist/list_exceptions', summary: 'The exceptions in force', query: { details: '1: with clients, times and remarks' },
    handle: list,
  },
  { method: 'POST', path: '/blocklist/reload', summary: 'Looks at every URL and reads all lists anew', handle: reload },
  {
    method: 'GET', path: '/blocklist/check/:name', summary: 'Whether a name is blocked, and by which line of which list',
    query: { client: 'an address; without it, for clients in general' }, handle: check,
  },
];
