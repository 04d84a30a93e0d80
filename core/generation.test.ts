import test from 'ava';
import { createTestServer } from '../testing/index.js';
import { defineHostPlugin, type AnyPlugin } from './plugin.js';

/** A process-wide plugin that notes what is done to it, in the first worker and in another. */
function wide(joins: boolean): { readonly plugin: AnyPlugin; readonly first: string[]; readonly other: string[] } {
  const [first, other]: [string[], string[]] = [[], []];
  const plugin = defineHostPlugin({
    name: 'wide',
    processWide: true,
    setup(_options, { host: { workers } }) {
      const events = workers.isFirst ? first : other;
      const note = (event: string) => () => void events.push(event);
      events.push('setup');
      return {
        load: note('load'), start: note('start'), stop: note('stop'), lameduck: async () => void events.push('lameduck'), unready: () => `in ${events[0]}`,
        ...(joins && { join: note('join') }),
      };
    },
  });
  return { plugin: plugin as AnyPlugin, first, other };
}

for (const [joins, life] of [[false, ['setup']], [true, ['setup', 'join', 'stop']]] as const) {
  test(`in another worker than the first, a process-wide plugin ${joins ? 'lives by what it joins with' : 'is set up, and no more'}`, async (t) => {
    const { plugin, first, other } = wide(joins);
    const server = await createTestServer('. {\n workers 2\n wide\n}', { plugins: [plugin] });
    const { workers } = server.host.current!;
    t.deepEqual(workers.isFirst && (await workers.unready()), []);
    t.deepEqual(server.host.current!.unready(), [{ plugin: 'wide', reason: 'in setup' }]);
    await server.stop();
    t.deepEqual(other, life);
    t.deepEqual(first, ['setup', 'load', 'start', 'lameduck', 'stop']);
  });
}
