/** A look at each target, of a second or so: what the corpus has, and some changes to it. `npm run fuzz` looks for longer. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { TestRandom } from '../../testing/index.js';
import { readCorpus } from './corpus.js';
import { fuzz } from './fuzzer.js';
import { mutate } from './mutate.js';
import { canary, canarySeed, targets } from './targets.js';

const inputsTried = 1_000;
const seed = randomBytes(4).readUInt32BE();

for (const { name, what, start } of targets) {
  test(`${name}: ${what}`, async (t) => {
    const running = await start();
    t.teardown(() => running.stop());
    const corpus = readCorpus(name);
    for (const input of corpus) await t.notThrowsAsync(async () => running.run(input), input.toString('hex'));
    let tried = 0;
    const found = await fuzz(running, corpus, new TestRandom(seed), () => tried++ >= inputsTried);
    t.is(found, undefined, `seed ${seed}: ${found?.input.toString('hex')}`);
  });
}

test('what there is to find is found, and made as small as it can be', async (t) => {
  let tried = 0;
  const found = await fuzz(await canary.start(), [canarySeed], new TestRandom(7), () => tried++ >= 1_000_000);
  t.is(found?.input.toString('hex'), '00630001');
  t.regex(String(found?.error), /it sings/);
});

test('what is changed stays within bounds, and the same seed changes it in the same way', (t) => {
  const [bytes, other] = [randomBytes(1_000), randomBytes(2_000)];
  const change = (from: number): Buffer[] => {
    const random = new TestRandom(from);
    return Array.from({ length: 500 }, () => mutate(bytes, other, random));
  };
  t.deepEqual(change(1), change(1));
  t.notDeepEqual(change(1), change(2));
  const large = randomBytes(65_535);
  for (let n = 0; n < 20; n++) t.true(mutate(large, large, new TestRandom(n)).length <= 65_535);
  for (let n = 0; n < 100; n++) t.notThrows(() => mutate(Buffer.alloc(0), Buffer.alloc(0), new TestRandom(n)));
});
