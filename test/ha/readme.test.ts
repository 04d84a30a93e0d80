/** What `ha/README.md` says of the states is what the machine does. */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagram as diagramOf } from '../../ha/machine/table.js';
import { repositoryRoot } from '../tidy.js';

test('the diagram of states has the transitions of the table', (t) => {
  const text = readFileSync(join(repositoryRoot(), 'ha/README.md'), 'utf8');
  const [, diagram] = /^```mermaid\n([^]*?)^```$/m.exec(text) ?? [];
  t.is(diagram, `${diagramOf()}\n`);
});
