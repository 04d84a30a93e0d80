/** What `ha/README.md` says of the states is what the machine does. */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transitions } from '../../ha/machine/index.js';
import { repositoryRoot } from '../tidy.js';

test('the diagram of states has the transitions of the table', (t) => {
  const text = readFileSync(join(repositoryRoot(), 'ha/README.md'), 'utf8');
  const [, diagram] = /^```mermaid\n([^]*?)^```$/m.exec(text) ?? [];
  // A colon would end the label.
  const lines = transitions.map(({ from, to, when }) => `    ${from} --> ${to}: ${when.replaceAll(':', ' -')}`);
  t.is(diagram, ['stateDiagram-v2', '    [*] --> Pending: the daemon starts', ...lines, ''].join('\n'));
});
