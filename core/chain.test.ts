import test from 'ava';
import fc from 'fast-check';
import { Chain, type ChainLink } from './chain.js';

interface Member extends ChainLink<Member> {
  readonly number: number;
}

const numbersOf = (chain: Chain<Member>): number[] => {
  const numbers: number[] = [];
  for (let member = chain.first; member !== undefined; member = member.next) numbers.push(member.number);
  return numbers;
};

test('a chain holds what was added and not taken out, in order', (t) => {
  fc.assert(fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (steps) => {
    const chain = new Chain<Member>();
    const members: Member[] = Array.from({ length: 31 }, (_, number) => ({ number, isLinked: false, previous: undefined, next: undefined }));
    const model = new Set<number>();
    for (const step of steps) {
      const member = members[step]!;
      if (model.delete(step)) t.true(chain.delete(member));
      else {
        t.false(chain.delete(member));
        chain.add(member);
        model.add(step);
      }
      t.deepEqual(numbersOf(chain), [...model]);
      t.is(chain.size, model.size);
    }
  }));
});
