/** `npm run test:mutations`: the machine without any one of its rules is found out. `npm run sim -- --mutations` says by what. */
import test from 'ava';
import { mutations } from './mutation-table.js';
import { judge } from './mutations.js';

for (const mutation of mutations) {
  test.serial(mutation.rule, async (t) => {
    const { foundBy, schedules } = await judge(mutation, 400);
    t.not(foundBy, undefined);
    t.log(`${foundBy}, after ${schedules} schedules`);
  });
}
