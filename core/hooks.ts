/**
 * Hooks, and the only importer of `tapable`: the kinds that every host makes its own from, and those of a DNS server block. Each has one
 * meaning; `core/plugin.ts` tells when each is called. Taps run in the order in which they were tapped, which is the order of the host's list
 * of plugins. A tap that throws is named in the error.
 */
import { AsyncSeriesBailHook, SyncBailHook, SyncHook, SyncWaterfallHook } from 'tapable';
import { messageOf } from './errors.js';
import type { Name } from './name.js';
import type { Query } from './query.js';
import type { Reply } from './reply.js';
import type { Route } from './route.js';

/** A plugin that threw inside a hook. (A DNS server answers SERVFAIL, counts it, and logs plugin and hook.) */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure';
  readonly plugin: string;
  readonly hook: string;

  constructor(plugin: string, hook: string, cause: unknown) {
    super(`plugin ${plugin} failed in its ${hook} hook: ${messageOf(cause)}`, { cause });
    this.plugin = plugin;
    this.hook = hook;
  }
}

export type Callback<T> = (error: Error | null | undefined, value?: T) => void;

/** A hook about something whose first answer wins; `undefined` is "not mine". */
export interface BailHook<Subject, T> {
  /** Whether anybody has tapped it. */
  readonly isTapped: boolean;
  tap(plugin: string, tap: (subject: Subject) => T | undefined): void;
  call(subject: Subject): T | undefined;
}

/** A hook that tells everybody of something, and one more thing about it. */
export interface SignalHook<Subject, Detail> {
  /** Whether anybody has tapped it. */
  readonly isTapped: boolean;
  tap(plugin: string, tap: (subject: Subject, detail: Detail) => void): void;
  call(subject: Subject, detail: Detail): void;
}

export interface ResolveHook {
  /** The tap must call back exactly once: with a reply, or with nothing for "not mine". */
  tap(plugin: string, tap: (query: Query, callback: (reply?: Reply) => void) => void): void;
  call(query: Query, callback: Callback<Reply>): void;
}

/** A hook through which a reply passes; each tap returns it or another in its place. */
export interface PassHook {
  tap(plugin: string, tap: (reply: Reply, query: Query) => Reply): void;
  call(reply: Reply, query: Query): Reply;
}

export interface DnsHooks {
  /** Can you answer from memory, now? */
  readonly query: BailHook<Query, Reply>;
  /** Which upstream group serves this query? Called when somebody looks at `query.route` for the first time, or at `query.possibleRoute`. */
  readonly route: BailHook<Query, Route>;
  /** Can you get an answer? */
  readonly resolve: ResolveHook;
  /** What came from an upstream: change it, keep it? What it is changed to may be cached and shared by all clients of the route. */
  readonly fetched: PassHook;
  /** What an upstream said, now or before (from a cache), is about to leave: may this client have it? */
  readonly inspect: PassHook;
  /** Anything to record? `reply` is what the client got. */
  readonly done: SignalHook<Query, Reply>;
  /** A decision about a name has changed (an exception was made): drop what is remembered of it, and of all below it if so said. */
  readonly forget: SignalHook<Name, boolean>;
}

const failureOf = (plugin: string, hook: string, error: unknown): PluginFailure =>
  error instanceof PluginFailure ? error : new PluginFailure(plugin, hook, error);

/** Names the plugin and the hook of whatever a tap throws; costs nothing while it doesn't. */
function guarded<Arguments extends unknown[], Result>(plugin: string, hook: string, tap: (...args: Arguments) => Result): (...args: Arguments) => Result {
  return (...args) => {
    try {
      return tap(...args);
    } catch (error) {
      throw failureOf(plugin, hook, error);
    }
  };
}

/**
 * A tap that can call back only once. What it throws is called back as well: whoever called it, perhaps another plugin's timer or socket, is not
 * to blame, and would not know what to do.
 */
function answering(plugin: string, tap: Parameters<ResolveHook['tap']>[1]): (query: Query, callback: Callback<Reply>) => void {
  return (query, callback) => {
    let called = false;
    try {
      tap(query, (reply) => {
        if (called) return;
        called = true;
        callback(null, reply);
      });
    } catch (error) {
      called = true;
      callback(failureOf(plugin, 'resolve', error));
    }
  };
}

/** Makes a hook whose first answer wins. @param name as it stands in errors */
export function bailHook<Subject, T>(name: string): BailHook<Subject, T> {
  const hook = new SyncBailHook<[Subject], T>(['subject']);
  return {
    get isTapped() {
      return hook.isUsed();
    },
    tap: (plugin, tap) => hook.tap(plugin, guarded(plugin, name, tap) as (subject: Subject) => T),
    call: (subject) => hook.call(subject as never),
  };
}

/**
 * Makes a hook that tells everybody, whatever the others throw; the first failure comes out when all have been told.
 * @param name as it stands in errors
 */
export function signalHook<Subject, Detail>(name: string): SignalHook<Subject, Detail> {
  const hook = new SyncHook<[unknown, unknown]>(['subject', 'detail']);
  let failure: PluginFailure | undefined;
  return {
    get isTapped() {
      return hook.isUsed();
    },
    tap: (plugin, tap) => hook.tap(plugin, (subject, detail) => {
      try {
        tap(subject as Subject, detail as Detail);
      } catch (error) {
        failure ??= failureOf(plugin, name, error);
      }
    }),
    call(subject, detail) {
      failure = undefined;
      hook.call(subject, detail);
      if (failure !== undefined) throw failure;
    },
  };
}

function passHook(name: string): PassHook {
  const hook = new SyncWaterfallHook<[Reply, Query]>(['reply', 'query']);
  return {
    tap: (plugin, tap) => hook.tap(plugin, guarded(plugin, name, tap)),
    call: (reply, query) => hook.call(reply, query),
  };
}

export function createHooks(): DnsHooks {
  const resolve = new AsyncSeriesBailHook<Query, Reply>(['query']);
  return {
    query: bailHook('query'),
    route: bailHook('route'),
    resolve: {
      tap: (plugin, tap) => resolve.tapAsync(plugin, answering(plugin, tap)),
      call: (query, callback) => resolve.callAsync(query, callback as Callback<Reply | void>),
    },
    fetched: passHook('fetched'),
    inspect: passHook('inspect'),
    done: signalHook('done'),
    forget: signalHook('forget'),
  };
}
