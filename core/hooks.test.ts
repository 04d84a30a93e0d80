import test, { type ExecutionContext } from 'ava';
import { createHooks, PluginFailure, type DnsHooks } from './hooks.js';
import { nameFromText } from './name.js';
import type { Query } from './query.js';
import { createReply, type Reply } from './reply.js';

// What the hooks pass on is none of their business.
const query = { name: nameFromText('www.example.org') } as Query;
const replyOf = (plugin: string): Reply => createReply(0, plugin);

/** What `resolve` comes to: each call of the callback. */
function resolved({ resolve }: DnsHooks): { readonly error: Error | null; readonly plugin: string | undefined }[] {
  const outcomes: { readonly error: Error | null; readonly plugin: string | undefined }[] = [];
  resolve.call(query, (error, reply) => outcomes.push({ error: error ?? null, plugin: reply?.plugin }));
  return outcomes;
}

const failureIn = (t: ExecutionContext, plugin: string, hook: string, run: () => unknown): void => {
  const error = t.throws(run, { instanceOf: PluginFailure, message: `plugin ${plugin} failed in its ${hook} hook: oops` });
  t.like(error, { plugin, hook });
  t.is((error.cause as Error).message, 'oops');
};

const oops = (): never => {
  throw new Error('oops');
};

for (const name of ['query', 'route'] as const) {
  test(`${name}: the first answer wins, and the taps behind it are not asked`, (t) => {
    const hook = createHooks()[name];
    const asked: string[] = [];
    const tap = (plugin: string, answer: unknown): void => hook.tap(plugin, () => {
      asked.push(plugin);
      return answer as never;
    });
    tap('a', undefined);
    tap('b', replyOf('b'));
    tap('c', replyOf('c'));
    t.is((hook.call(query) as Reply).plugin, 'b');
    t.deepEqual(asked, ['a', 'b']);
  });

  test(`${name}: without an answer it is undefined`, (t) => {
    const hook = createHooks()[name];
    t.is(hook.call(query), undefined);
    hook.tap('a', () => undefined);
    t.is(hook.call(query), undefined);
  });
}

for (const name of ['fetched', 'inspect'] as const) {
  test(`${name}: each tap gets what the one before it returned`, (t) => {
    const hook = createHooks()[name];
    hook.tap('a', (reply) => replyOf(`${reply.plugin} a`));
    hook.tap('b', (reply, asked) => (asked === query ? replyOf(`${reply.plugin} b`) : reply));
    t.is(hook.call(replyOf('upstream'), query).plugin, 'upstream a b');
  });

  test(`${name}: without taps a reply passes as it is`, (t) => {
    const reply = replyOf('upstream');
    t.is(createHooks()[name].call(reply, query), reply);
  });
}

test('done and forget: every tap is called', (t) => {
  const { done, forget } = createHooks();
  const called: unknown[] = [];
  for (const plugin of ['a', 'b']) {
    done.tap(plugin, (_query, reply) => called.push([plugin, reply.plugin]));
    forget.tap(plugin, (name, subdomains) => called.push([plugin, name, subdomains]));
  }
  done.call(query, replyOf('x'));
  forget.call(query.name, true);
  t.deepEqual(called, [['a', 'x'], ['b', 'x'], ['a', query.name, true], ['b', query.name, true]]);
});

test('resolve: the first answer wins, at once or later', (t) => {
  const hooks = createHooks();
  let answer: (reply?: Reply) => void = () => undefined;
  hooks.resolve.tap('a', (_query, callback) => callback());
  hooks.resolve.tap('b', (_query, callback) => (answer = callback));
  hooks.resolve.tap('c', (_query, callback) => callback(replyOf('c')));
  const outcomes = resolved(hooks);
  t.deepEqual(outcomes, []);
  answer(replyOf('b'));
  t.deepEqual(outcomes, [{ error: null, plugin: 'b' }]);
});

test('resolve: without an answer it calls back with nothing', (t) => {
  const hooks = createHooks();
  hooks.resolve.tap('a', (_query, callback) => callback());
  t.deepEqual(resolved(hooks), [{ error: null, plugin: undefined }]);
});

test('resolve: a tap that calls back twice asks the next one once', (t) => {
  const hooks = createHooks();
  let asked = 0;
  hooks.resolve.tap('a', (_query, callback) => {
    callback();
    callback(replyOf('a'));
    callback();
  });
  hooks.resolve.tap('b', (_query, callback) => {
    asked++;
    callback(replyOf('b'));
  });
  t.deepEqual(resolved(hooks), [{ error: null, plugin: 'b' }]);
  t.is(asked, 1);
});

test('a tap that throws is named, with its hook', (t) => {
  const hooks = createHooks();
  hooks.query.tap('a', oops);
  hooks.route.tap('b', oops);
  hooks.fetched.tap('c', oops);
  hooks.inspect.tap('d', oops);
  hooks.done.tap('e', oops);
  hooks.forget.tap('f', oops);
  failureIn(t, 'a', 'query', () => hooks.query.call(query));
  failureIn(t, 'b', 'route', () => hooks.route.call(query));
  failureIn(t, 'c', 'fetched', () => hooks.fetched.call(replyOf('x'), query));
  failureIn(t, 'd', 'inspect', () => hooks.inspect.call(replyOf('x'), query));
  failureIn(t, 'e', 'done', () => hooks.done.call(query, replyOf('x')));
  failureIn(t, 'f', 'forget', () => hooks.forget.call(query.name, false));
});

test('done and forget: a tap that throws keeps none of the others from what they record', (t) => {
  const { done, forget } = createHooks();
  const called: string[] = [];
  for (const hook of [done, forget]) {
    hook.tap('a', oops);
    hook.tap('b', () => void called.push('b'));
    hook.tap('c', oops);
  }
  failureIn(t, 'a', 'done', () => done.call(query, replyOf('x')));
  failureIn(t, 'a', 'forget', () => forget.call(query.name, false));
  t.deepEqual(called, ['b', 'b']);
});

test('what broke inside keeps its name: a route that throws while a query tap asks for it', (t) => {
  const hooks = createHooks();
  hooks.route.tap('policy', oops);
  hooks.query.tap('cache', () => void hooks.route.call(query));
  failureIn(t, 'policy', 'route', () => hooks.query.call(query));
});

test('resolve: a tap that throws is an error for the callback, whoever called it', (t) => {
  const hooks = createHooks();
  let goOn: () => void = () => undefined;
  hooks.resolve.tap('slow', (_query, callback) => (goOn = callback));
  hooks.resolve.tap('broken', oops);
  const outcomes = resolved(hooks);
  t.notThrows(() => goOn(), 'the plugin that went on is not to blame');
  t.like(outcomes, [{ error: { plugin: 'broken', hook: 'resolve' } }]);
});

test('resolve: a tap that throws after it has answered is told of, too', (t) => {
  const hooks = createHooks();
  hooks.resolve.tap('a', (_query, callback) => {
    callback(replyOf('a'));
    oops();
  });
  t.like(resolved(hooks), [{ error: null, plugin: 'a' }, { error: { plugin: 'a', hook: 'resolve' } }]);
});
