import test from 'ava';
import fc from 'fast-check';
import { systemRandom } from '../runtime.js';
import { PendingTable, type Pending } from './pending.js';

test('a table of pending queries is like a map, but never gives an id twice', (t) => {
  const pending = (): Pending => ({
    packet: Buffer.alloc(12), questionEnd: 12, answered() {}, unusable() {}, besieged() {}, lost() {},
  });
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
    const table = new PendingTable();
    const model = new Map<number, Pending>();
    const issued = new Set<number>();
    const random = systemRandom();
    for (const step of steps) {
      const victim = [...model.keys()][step];
      if (victim === undefined) {
        const added = pending();
        const id = table.add(added, random);
        t.false(issued.has(id));
        t.is(added.packet.readUInt16BE(0), id);
        issued.add(id);
        model.set(id, added);
      } else {
        if (step % 2 === 0) table.settle(victim);
        else table.forget(victim);
        model.delete(victim);
      }
      t.is(table.waiting, model.size);
    }
    for (const id of issued) t.is(table.get(id), model.get(id));
    t.true([...issued].every((id) => table.knows(id)));
    const drained = new Set(table.drain());
    t.true(drained.size === model.size && [...model.values()].every((each) => drained.has(each)));
    t.is(table.waiting, 0);
  }), { numRuns: 50 });
});
