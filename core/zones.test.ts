import test from 'ava';
import type { DnsBlock } from './block.js';
import { nameFromText } from './name.js';
import { ZoneTable } from './zones.js';

/** A block is its zones, as far as the table is concerned. */
const blockFor = (...zones: string[]): DnsBlock => ({ zones: zones.map(nameFromText) }) as unknown as DnsBlock;

test('the longest zone that holds a name serves it', (t) => {
  const [all, org, corp] = [blockFor('.'), blockFor('example.org'), blockFor('corp.example.org', 'example.net')];
  const table = ZoneTable.over([all, org, corp]);
  const served = (name: string): DnsBlock | undefined => table.find(nameFromText(name));
  t.is(served('WWW.corp.example.org'), corp);
  t.is(served('corp.example.org'), corp);
  t.is(served('notcorp.example.org'), org);
  t.is(served('example.net'), corp);
  t.is(served('notexample.org'), all);
  t.is(served('.'), all);
});

test('a root zone alone serves everything; without one, what no zone holds is served by nobody', (t) => {
  const all = blockFor('.');
  t.is(ZoneTable.over([all]).find(nameFromText('www.example.org')), all);
  t.is(ZoneTable.over([blockFor('example.org')]).find(nameFromText('example.com')), undefined);
  t.is(new ZoneTable().find(nameFromText('.')), undefined);
});

test('a zone that is taken says by whom, and stays with it', (t) => {
  const [first, second] = [blockFor('example.org'), blockFor('Example.ORG')];
  const table = new ZoneTable();
  t.is(table.add(first.zones[0]!, first), undefined);
  t.is(table.add(second.zones[0]!, second), first);
  t.is(table.find(nameFromText('example.org')), first);
  t.is(ZoneTable.over([first, second]).find(nameFromText('example.org')), first);
});
