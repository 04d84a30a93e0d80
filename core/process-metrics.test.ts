import { setImmediate, setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { watchProcess } from './process-metrics.js';

/** One line of a page of metrics as a number. */
const valueOf = (text: string, name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);

test('a process is described under the usual names, in numbers that exist', async (t) => {
  const watched = watchProcess();
  t.teardown(() => watched.close());
  const text = await watched.text();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds', 'nodejs_heap_size_used_bytes']) {
    t.true(valueOf(text, name) > 0, name);
  }
  t.regex(text, /^nodejs_version_info\{version="v\d+\.\d+\.\d+",major="\d+",minor="\d+",patch="\d+"\} 1$/m);
  t.notRegex(text, / nan$/im);
});

test.serial('garbage collections and delays are seen until it is closed', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const name = 'nodejs_gc_duration_seconds_count\\{kind="major"\\}';
  const watched = watchProcess();

  let text = '';
  while (!(valueOf(text, name) > 0 && valueOf(text, 'nodejs_eventloop_lag_max_seconds') > 0)) {
    collect();
    await setTimeout(20);
    text = await watched.text();
  }

  watched.close();
  const collections = valueOf(text, name);
  collect();
  // Time enough for a monitor that still ran to notice.
  await setTimeout(50);
  await setImmediate();
  text = await watched.text();
  t.is(valueOf(text, name), collections);
  t.is(valueOf(text, 'nodejs_eventloop_lag_max_seconds'), 0);
});
