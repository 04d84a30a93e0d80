import test from 'ava';
import packet from 'dns-packet';
import { nameFromText, root } from '../name.js';
import { flag, type } from './layout.js';
import { writeQuestion } from './question.js';

test('a query has one question, the flags that are wanted, and nothing else', (t) => {
  for (const [name, text] of [[root, '.'], [nameFromText('example.org'), 'example.org']] as const) {
    const message = packet.decode(writeQuestion(name, type.ns, flag.rd)) as packet.DecodedPacket;
    t.deepEqual(message.questions, [{ name: text, type: 'NS', class: 'IN' }]);
    t.like(message, { id: 0, type: 'query', flag_rd: true, flag_cd: false, answers: [], authorities: [], additionals: [] });
  }
});
