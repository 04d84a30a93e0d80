import test from 'ava';
import { createTestServer } from '../../testing/index.js';
import { countOf } from './workers.js';

const modern = { nodeVersion: '22.12.0', parallelism: 4, memoryBytes: 2 ** 33 };

test('a number is a number, and auto is what the machine can run', (t) => {
  t.is(countOf(1, modern), 1);
  t.is(countOf(4, modern), 4);
  t.is(countOf('auto', modern), 4);
});

test('more than the machine can run is refused', (t) => {
  t.throws(() => countOf(5, modern), { message: "5 workers are more than this machine can run at one time (4); 'auto' takes them all" });
});

for (const nodeVersion of ['20.19.0', '22.11.9', '21.99.0']) {
  test(`Node.js ${nodeVersion} can run one worker only`, (t) => {
    const message = `2 workers need Node.js 22.12 or later, where sockets can share a port; this is ${nodeVersion}`;
    t.throws(() => countOf(2, { ...modern, nodeVersion }), { message });
    t.is(countOf(1, { ...modern, nodeVersion }), 1);
    t.is(countOf('auto', { nodeVersion, parallelism: 1 }), 1);
  });
}

for (const nodeVersion of ['22.12.0', '22.20.1', '23.0.0', '24.0.0']) {
  test(`Node.js ${nodeVersion} can run several`, (t) => t.is(countOf(2, { ...modern, nodeVersion }), 2));
}

test('what is refused is refused at the place where it stands', async (t) => {
  const start = (line: string, machine = modern) => createTestServer(`. {\n  ${line}\n}`, { runtime: { machine } });
  await t.throwsAsync(start('workers 5'), { message: /Corefile:2:3: workers: 5 workers are more/ });
  await t.throwsAsync(start('workers 2', { ...modern, nodeVersion: '20.19.0' }), { message: /Corefile:2:3: workers: 2 workers need Node\.js 22\.12/ });
  for (const word of ['0', '-1', '1.5', 'many']) await t.throwsAsync(start(`workers ${word}`), { message: /Corefile:2:11: workers: / });
  await t.throwsAsync(start('workers 1\n  workers 1'), { message: /Corefile:3:3: workers: .*once/ });
});
