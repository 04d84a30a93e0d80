import test from 'ava';
import fc from 'fast-check';
import { ConfigError, describeMistake } from '../../core/errors.js';
import type { FileFacts } from './check/presence.js';
import { readExample } from './examples.js';
import { readSite } from './read.js';

const home = '/etc/vpncore/';
type Texts = Readonly<Record<string, string>>;

/** The mistakes in host1 with other texts in place of some, without the directory. */
function mistakesIn(texts: Texts, look?: (file: string) => FileFacts | undefined): string[] {
  try {
    readSite(`${home}host1.yml`, (file) => texts[file.replace(home, '')] ?? readExample(file), look && { lookAtFile: look });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map((mistake) => describeMistake(mistake).replaceAll(home, ''));
  }
}

/** A file of the examples, edited: each pair is what stands there, and what is put in its place. */
function edited(file: string, edits: readonly (readonly [from: string, to: string])[]): Texts {
  let text = readExample(`${home}${file}`);
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replace(from, () => to);
  }
  return { [file]: text };
}
const wan = (...edits: [string, string][]): string[] => mistakesIn(edited('wan.yml', edits));
const site = (...edits: [string, string][]): string[] => mistakesIn(edited('host1.yml', edits));

test('the examples have no mistakes', (t) => {
  for (const name of ['host1', 'host2', 'host3']) t.notThrows(() => readSite(`${home}${name}.yml`, readExample));
});

test('networks may not overlap', (t) => {
  t.deepEqual(wan(['192.168.2.0/24', '192.168.1.0/24']), [
    'wan.yml:19:14: 192.168.1.0/24, the network of host2, overlaps the network of host1, 192.168.1.0/24, at wan.yml:14:14',
  ]);
  t.deepEqual(wan(['transit: 100.64.0.0/16', 'transit: 10.0.0.0/8']), [
    'wan.yml:4:12: 10.0.254.0/24, the anycast network, overlaps the transit network, 10.0.0.0/8, at wan.yml:5:12',
    'wan.yml:6:12: 10.15.0.0/16, the clients network, overlaps the transit network, 10.0.0.0/8, at wan.yml:5:12',
  ]);
  t.deepEqual(wan(['[172.16.3.0/24]', '[172.16.3.0/24, 192.168.2.128/25]']), [
    'wan.yml:27:31: 192.168.2.128/25, a prefix of host3, overlaps the network of host2, 192.168.2.0/24, at wan.yml:19:14',
  ]);
  t.deepEqual(wan(['address: 203.0.113.2', 'address: 192.168.3.9']), [
    'wan.yml:20:14: 192.168.3.9, on the Internet, is in the network of host3, 192.168.3.0/24, at wan.yml:24:14',
  ]);
});

test('a prefix of a client is routed once', (t) => {
  t.deepEqual(wan(['endpoint: 172.16.3.2 }', 'endpoint: 172.16.3.2, prefixes: [192.168.7.64/26] }']), [
    'wan.yml:36:61: 192.168.7.64/26, a prefix of the client laptop, would be routed twice: it is in a prefix of the client guests, 192.168.7.0/24, '
    + 'at wan.yml:37:57',
  ]);
  t.deepEqual(wan(['prefixes: [192.168.7.0/24]', 'prefixes: [192.168.7.0/24, 192.168.7.128/25]']), [
    'wan.yml:37:73: 192.168.7.128/25, a prefix of the client guests, would be routed twice: it is in a prefix of the client guests, 192.168.7.0/24, '
    + 'at wan.yml:37:57',
  ]);
  t.deepEqual(wan(['prefixes: [192.168.7.0/24]', 'prefixes: [172.16.3.0/25]']), [
    'wan.yml:37:57: 172.16.3.0/25, a prefix of the client guests, overlaps a prefix of host3, 172.16.3.0/24, at wan.yml:27:16',
  ]);
});

test('a site may announce what is behind a client of its own', (t) => {
  t.deepEqual(wan(['identity: host1.example.net', 'identity: host1.example.net\n    prefixes: [192.168.7.0/24]']), []);
  t.deepEqual(wan(['endpoint: 172.16.3.2 }', 'endpoint: 172.16.3.2, prefixes: [172.16.3.128/25] }']), []);
});

test('a number has room in its network', (t) => {
  t.deepEqual(wan(['network: 192.168.2.0/24', 'network: 192.168.2.0/27']), ['wan.yml:19:14: 192.168.2.0/27 has no host 52, which numbers and vpns ask for']);
  t.deepEqual(wan(['10.0.254.0/24', '10.0.254.0/27']), ['wan.yml:4:12: 10.0.254.0/27 has no host 52, which numbers and vpns ask for']);
  t.deepEqual(wan(['id: 3', 'id: 182']), ['wan.yml:23:9: 182 is too large; the most is 181']);
  t.deepEqual(wan(['id: 3', 'id: 181'], ['100.64.0.0/16', '100.64.0.0/24']), [
    'wan.yml:23:9: the links of a site 181 do not fit in the transit network 100.64.0.0/24',
  ]);
  t.deepEqual(wan(['clients: 10.15.0.0/16', 'clients: 10.15.0.0/29']), ['wan.yml:37:17: the /30 of a client 2 lies outside 10.15.0.0/29']);
  t.deepEqual(site(['number: 20', 'number: 255']), ['host1.yml:31:13: 255 is too large; the most is 254']);
  t.deepEqual(wan(['tunnel: ipsec', 'as: 65534']), ['wan.yml:13:9: the autonomous system 65535 is reserved']);
});

test('no two things have one number, address, identity or name', (t) => {
  t.deepEqual(wan(['id: 3', 'id: 2']), ['wan.yml:23:9: the id 2 is taken at wan.yml:18:9 already']);
  t.deepEqual(wan(['203.0.113.3', '203.0.113.1'], ['identity: host3', 'identity: host1']), [
    'wan.yml:25:14: the address 203.0.113.1 is taken at wan.yml:15:14 already',
    'wan.yml:26:15: the identity host1.example.net is taken at wan.yml:16:15 already',
  ]);
  t.deepEqual(wan(['router: 4', 'router: 3']), ["wan.yml:40:43: in a site's network the number 3 is taken at wan.yml:40:32 already"]);
  t.deepEqual(wan(['resolver: 3', 'resolver: 52']), ['wan.yml:32:3: in the anycast network the number 52 is taken at wan.yml:40:65 already']);
  t.deepEqual(wan(['vpndns: 3', 'vpndns: 51']), ["wan.yml:31:3: in a site's network the number 51 is taken at wan.yml:40:32 already"]);
  t.deepEqual(site(['number: 20', 'number: 4']), ['host1.yml:31:13: the number 4 is that of the router at every site, see wan.yml']);
  t.deepEqual(site(['number: 20', 'number: 52']), ['host1.yml:31:13: the number 52 is that of VPN 2 at every site, see wan.yml']);
  t.deepEqual(site(['number: 20', 'number: 20\n  more:\n    role: service\n    number: 20']), [
    'host1.yml:34:13: the number 20 is taken at host1.yml:31:13 already',
  ]);
  t.deepEqual(site(['vpn: 2\n', 'vpn: 1\n']), [
    'host1.yml:26:10: VPN 1 is taken at host1.yml:21:10 already',
    'wan.yml:32:30: host1 is in the list of VPN 2, but has no container for it',
  ]);
  t.deepEqual(wan(['guests: { id: 2', 'guests: { id: 1']), ['wan.yml:37:17: the id 1 is taken at wan.yml:36:17 already']);
  t.deepEqual(wan(['  guests:', '  laptop:']), ['wan.yml:37:3: Map keys must be unique']);
});

test('a list of sites holds those that can run the VPN, once', (t) => {
  t.deepEqual(wan(['[host1, host2, host3]', '[host1, host1, hots3]']), [
    'wan.yml:31:23: the site host1 is taken at wan.yml:31:16 already', "wan.yml:31:30: there is no site hots3; did you mean 'host3'?",
  ]);
  t.deepEqual(wan(['  2: { sites', '  3: { sites: [host1] }\n  2: { sites']), ['wan.yml:32:16: host1 is in the list of VPN 3, but has no container for it']);
  t.deepEqual(wan(['2: { sites: [host2, host3, host1] }', '2: { sites: [host2, host3] }']), [
    'host1.yml:26:10: host1 is not among the sites of VPN 2, at wan.yml:32:3; the container would never be used',
  ]);
  t.deepEqual(wan(['  2: { sites: [host2, host3, host1] }\n', '']), ['host1.yml:26:10: wan.yml has no VPN 2', 'wan.yml:36:25: there is no VPN 2']);
});

test('a client has one tunnel, to an address that the WAN reaches', (t) => {
  t.deepEqual(wan(['endpoint: 172.16.3.2 }', '}']), ['wan.yml:36:3: a client has either an endpoint or a routed_by']);
  t.deepEqual(wan(['routed_by: host1', 'endpoint: 172.16.3.3, routed_by: host1']), ['wan.yml:37:3: a client has either an endpoint or a routed_by']);
  t.deepEqual(wan(['routed_by: host1', 'routed_by: host9'], ['prefixes: [192.168.7.0/24]', 'prefixes: []']), [
    'wan.yml:37:3: host9 is to route this client, but it has no prefixes', "wan.yml:37:39: there is no site host9; did you mean 'host1'?",
  ]);
  t.deepEqual(wan(['endpoint: 172.16.3.2', 'endpoint: 172.17.3.2']), [
    'wan.yml:36:38: no site has a network or prefix with 172.17.3.2; packets to it would go nowhere',
  ]);
  t.deepEqual(wan(['endpoint: 172.16.3.2', 'endpoint: 192.168.3.4']), ['wan.yml:36:38: 192.168.3.4 is the router of host3; write routed_by: host3']);
  t.deepEqual(wan(['endpoint: 172.16.3.2 }', 'endpoint: 172.16.3.2, prefixes: [172.16.3.0/28] }']), [
    'wan.yml:36:61: the far end of the tunnel, 172.16.3.2, would be routed into the tunnel itself',
  ]);
  t.deepEqual(wan(['  guests', '  other: { id: 9, vpn: 1, endpoint: 172.16.3.2 }\n  guests']), [
    'wan.yml:37:37: the tunnel of VPN 1 to 172.16.3.2 is taken at wan.yml:36:38 already',
  ]);
  t.deepEqual(wan(['  guests', '  other: { id: 9, vpn: 2, routed_by: host1, prefixes: [192.168.8.0/24] }\n  guests']), [
    'wan.yml:38:39: the tunnel of VPN 2 to host1 is taken at wan.yml:37:38 already',
  ]);
});

test('DNS finds its way, and no way round', (t) => {
  t.deepEqual(wan(['users: [192.168.0.0/16', 'users: [192.168.0.0/23']), [
    'wan.yml:44:3: the DNS server of host2, 192.168.2.3, is not among them', 'wan.yml:44:3: the DNS server of host3, 192.168.3.3, is not among them',
  ]);
  t.deepEqual(wan(['9.9.9.9]', '10.0.254.0/24]']), ['wan.yml:45:49: 10.0.254.3, the address that clients ask, is in 10.0.254.0/24']);
  t.deepEqual(site(['upstreams: [9.9.9.9]', 'upstreams: [9.9.9.9, 192.168.2.3]']), [
    'host1.yml:18:26: 192.168.2.3 is a DNS server of the WAN: the question would go round',
  ]);
  t.deepEqual(site(['    configuration: provider-b', '    resolver: 192.168.3.53\n    configuration: provider-b']), [
    "host1.yml:28:15: 192.168.3.53 is in a site's network 192.168.3.0/24, not in the tunnel",
  ]);
});

test('the servers of our own zones are in the WAN', (t) => {
  t.deepEqual(wan(['[192.168.1.20]', '[192.168.1.20, 9.9.9.9]']), [
    "wan.yml:43:41: 9.9.9.9 is in no site's network or prefixes: clients' questions would leave the WAN",
  ]);
});

test('times fit each other', (t) => {
  t.deepEqual(wan(['hold: 9s', 'hold: 6s']), ['wan.yml:58:9: hold must be at least three times keepalive, 9s (RFC 4271 section 10)']);
  t.deepEqual(wan(['interval: 100ms', 'interval: 5s']), ['wan.yml:59:3: BFD would notice a lost link after 25s, no sooner than hold']);
});

test('a site has one router and one DNS server, with what they need', (t) => {
  t.deepEqual(site(['  files:\n    role: service\n    number: 20', '  second:\n    role: vpndns']), [
    'host1.yml:29:3: vpndns, at host1.yml:14:3, has the role vpndns already',
  ]);
  t.deepEqual(site(['    certificate: /etc/vpncore/host1.crt\n    key: /etc/vpncore/host1.key\n', '']), [
    'host1.yml:9:3: certificate is missing; tunnels of the kind ipsec need it', 'host1.yml:9:3: key is missing; tunnels of the kind ipsec need it',
  ]);
  t.deepEqual(site(['  files:\n    role: service\n    number: 20', '']).length, 0);
});

test('names of containers become names of interfaces', (t) => {
  t.deepEqual(site(['internet: eth0', 'internet: vpn1'], ['  files:', '  host:']), [
    "host1.yml:19:3: vpn1 is the host's interface, at host1.yml:6:11; the container's wire can't have that name",
    'host1.yml:29:3: host has another meaning; call the container something else',
  ]);
  t.deepEqual(site(['  files:', '  vpn1-any:']), ['host1.yml:29:3: the interface vpn1-any is taken at host1.yml:19:3 already']);
  t.deepEqual(site(['  files:', '  File_Server:']), [
    "host1.yml:29:3: 'File_Server' is no name of a container: at most 11 small letters, digits and hyphens, a letter first",
  ]);
});

test('what `down` removes does not hold what outlives it', (t) => {
  t.deepEqual(site(['secrets:', 'directories: { run: /var/vpn, state: /var/vpn/state }\nsecrets:']), [
    'host1.yml:33:38: neither of /var/vpn and /var/vpn/state may be in the other: `down` removes the first',
  ]);
});

test('every word is judged, and every mistake told', (t) => {
  t.deepEqual(wan(['replica_mode: Auto', 'replica_mode: auto'], ['check_interval: 10s', 'check_intervall: 10'], ['check_timeout: 3s', 'check_timeout: 3500ms'],
    ['1.1.1.1, 8.8', '1.1.1, 8.8']), [
    "wan.yml:48:17: 'auto' is not one of Auto, Manual, Disabled; did you mean 'Auto'?",
    "wan.yml:49:3: there is no key 'check_intervall' here; did you mean 'check_interval'?",
    'wan.yml:50:18: 3500ms is not a whole number of seconds',
    "wan.yml:54:11: '1.1.1' is no IPv4 address",
  ]);
  t.deepEqual(wan(['anycast: 10.0.254.0/24', 'anycast: 10.0.254.7/24'], ['100.64.0.0/16', '127.0.0.0/8'], ['10.15.0.0/16', 'fd00::/64']), [
    "wan.yml:4:12: '10.0.254.7/24' is an address in the network 10.0.254.0/24; write that",
    "wan.yml:5:12: '127.0.0.0/8' overlaps 127.0.0.0/8, whose addresses no host can have",
    "wan.yml:6:12: 'fd00::/64' is no IPv4 network, such as 192.168.1.0/24",
  ]);
  t.deepEqual(wan(['check: [1.1', 'etcd: ["https://a:1/", "etcd1:2379"]\n  lease_ttl: 1500ms\n  check: [1.1']), [
    "wan.yml:54:26: 'etcd1:2379' is no URL that begins with http:// or https://", 'wan.yml:55:14: 1500ms is not a whole number of seconds',
  ]);
  t.deepEqual(wan(['  1: { sites: [host1, host2, host3] }', '  01: { sites: [host1] }\n  dynvpn1: {}']), [
    "wan.yml:31:3: '01' is no number of a VPN, from 0 to 200", "wan.yml:32:3: 'dynvpn1' is no number of a VPN, from 0 to 200",
  ]);
  t.deepEqual(site(['blocklists: /etc/vpncore/blocklists', 'blocklists: "/etc/$(x)"']), [
    "host1.yml:16:17: '/etc/$(x)' is no path of letters, digits and any of / @ . _ : + = , -",
  ]);
});

test('the mistakes of both files are told at once', (t) => {
  t.deepEqual(mistakesIn({ ...edited('host1.yml', [['vpn: 2\n', 'vpn: two\n']]), ...edited('wan.yml', [['id: 3', 'id: three']]) }), [
    "host1.yml:26:10: 'two' is no whole number", "wan.yml:23:9: 'three' is no whole number",
  ]);
});

test('what is missing is missed where it should stand', (t) => {
  t.deepEqual(wan(['    id: 2\n', ''], ['    address: 203.0.113.3\n', '    address:\n']), ['wan.yml:17:3: id is missing', 'wan.yml:24:5: address is missing']);
  t.deepEqual(site(['    role: vpndns               # its address ends in 3\n', '']), ['host1.yml:14:3: role is missing']);
  t.deepEqual(site(['role: ipsec', 'role: ipsek']), ['host1.yml:10:11: expected a role: ipsec, vpndns, vpn or service']);
  t.deepEqual(site(['containers:', 'contaniers:']), [
    'host1.yml:3:1: containers is missing', "host1.yml:8:1: there is no key 'contaniers' here; did you mean 'containers'?",
  ]);
  t.deepEqual(site(['secrets:', 'programs: { vpndns: [] }\nsecrets:']), ['host1.yml:33:13: expected a command']);
  t.deepEqual(site(['site: host1', 'site: host4']), ["host1.yml:3:7: wan.yml has no site host4; did you mean 'host1'?"]);
  t.deepEqual(mistakesIn({ 'host1.yml': '' }), ['host1.yml:1:1: there is nothing in it']);
  t.deepEqual(mistakesIn({ 'host1.yml': '- a' }), ['host1.yml:1:1: expected a map of keys']);
  t.deepEqual(wan(['sites:\n', 'sites:\n  __proto__: { id: 1 }\n']), ['wan.yml:12:3: __proto__ is no name']);
});

test('a file that can not be read is a mistake where it is named', (t) => {
  t.regex(site(['wan: wan.yml', 'wan: wam.yml']).join(), /^host1\.yml:5:6: wam\.yml can't be read: ENOENT/);
  t.regex(site(['amsterdam.ovpn', 'nowhere.ovpn']).join(), /^host1\.yml:23:20: provider-a\/nowhere\.ovpn can't be read: ENOENT/);
});

test("a provider's file has to name a server", (t) => {
  t.deepEqual(mistakesIn({ 'provider-a/amsterdam.ovpn': 'client\nremote a b\nremote $x\n', 'provider-b/oslo.conf': '[Peer]\n' }), [
    'provider-a/amsterdam.ovpn:2:1: remote: expected a port, a number from 1 to 65535',
    'provider-a/amsterdam.ovpn:3:1: remote: expected the name or the IPv4 address of a server',
    'provider-b/oslo.conf:1:1: there is no Endpoint in it',
  ]);
});

test('where the site is to come up, every file has to be there, and secrets have to be secret', (t) => {
  const facts = (file: string): FileFacts | undefined => {
    if (file.endsWith('.crt')) return undefined;
    const isOpen = file.endsWith('host1.key') || file.endsWith('oslo.conf');
    return { isDirectory: file.endsWith('static.txt'), mode: isOpen ? 0o644 : 0o600 };
  };
  t.deepEqual(mistakesIn({ 'peers.secret': 'short' }, facts), [
    'host1.yml:11:18: host1.crt is missing',
    'host1.yml:12:10: host1.key holds a secret and is open to others (mode 644); chmod 600 it',
    'host1.yml:13:16: wan-ca.crt is missing',
    'host1.yml:16:17: blocklists is no directory',
    'host1.yml:17:14: static.txt is a directory',
    'host1.yml:28:20: provider-b/oslo.conf holds a secret and is open to others (mode 644); chmod 600 it',
    'host1.yml:34:10: the secret has 5 characters; it needs 16',
  ]);
});

/** Texts that resemble a file: lines of the examples in any order, cut anywhere, with characters that mean something to YAML. */
function garbage(file: string): fc.Arbitrary<string> {
  const text = readExample(`${home}${file}`);
  const lines = fc.array(fc.oneof(fc.constantFrom(...text.split('\n')), fc.string({ unit: fc.constantFrom(...'a1:-[]{}&*!|>\'"#,\n \t') })), { maxLength: 30 });
  const cut = fc.tuple(fc.nat(text.length), fc.nat(40), fc.string()).map(([at, length, word]) => text.slice(0, at) + word + text.slice(at + length));
  return fc.oneof(fc.string({ unit: 'binary' }), lines.map((all) => all.join('\n')), cut);
}

test('property: whatever stands in the files, they are read or their mistakes are told', (t) => {
  const read = (texts: Texts): boolean => mistakesIn(texts).every((line) => /^(?:host1|wan)\.yml:\d+:\d+: \S/.test(line));
  t.notThrows(() => fc.assert(fc.property(garbage('host1.yml'), (text) => read({ 'host1.yml': text })), { numRuns: 150 }));
  t.notThrows(() => fc.assert(fc.property(garbage('wan.yml'), (text) => read({ 'wan.yml': text })), { numRuns: 150 }));
});
