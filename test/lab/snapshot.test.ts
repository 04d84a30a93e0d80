import test from 'ava';
import { differences } from './snapshot.js';

test('what came and what went is told, whatever the order of lines', (t) => {
  const before = { links: ['lo', 'eth0'], files: ['/run/a'] };
  t.deepEqual(differences(before, { links: ['eth0', 'lo', 'bridge0'], files: [] }), ['+ links: bridge0', '- files: /run/a']);
  t.deepEqual(differences(before, { links: ['eth0', 'lo'], files: ['/run/a'] }), []);
});

test('namespaces of others are not ours to judge, but ours are', (t) => {
  const before = { namespaces: [], files: [] };
  const after = {
    namespaces: ['host1-vpn1 (id: 3)', 'lab-host1-vpn1'],
    files: ['/etc/netns/host1-vpn1', '/run/wireguard/vpn2-host1.sock', '/etc/netns/lab-host1-vpn1'],
  };
  t.deepEqual(differences(before, after), ['+ namespaces: lab-host1-vpn1', '+ files: /etc/netns/lab-host1-vpn1']);
});
