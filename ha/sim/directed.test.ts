import test from 'ava';
import { directed, play } from './directed.js';

for (const schedule of directed) {
  test(schedule.name, (t) => {
    const failure = play(schedule);
    t.is(failure, undefined, failure);
  });
}
