import test from 'ava';
import { readProvider } from './provider.js';

const openvpn = (text: string): string[] => readProvider('openvpn', text).servers.map(({ host, port, protocol }) => `${host} ${port} ${protocol}`);
const wireguard = (text: string): string[] => readProvider('wireguard', text).servers.map(({ host, port, protocol }) => `${host} ${port} ${protocol}`);
const mistakes = (kind: 'openvpn' | 'wireguard', text: string): string[] => readProvider(kind, text).mistakes.map(({ line, problem }) => `${line}: ${problem}`);

test('an OpenVPN configuration names its servers by `remote`', (t) => {
  t.deepEqual(openvpn('client\nremote a.example 443 tcp-client\nremote 192.0.2.1\n'), ['a.example 443 tcp', '192.0.2.1 1194 udp']);
});

test('port and protocol may be said for all of them, wherever that stands', (t) => {
  t.deepEqual(openvpn('remote a.example\nport 1300\nproto tcp4\n'), ['a.example 1300 tcp']);
  t.deepEqual(openvpn('rport 53\nremote a.example\nproto udp6\n'), ['a.example 53 udp']);
});

test('connections are read, comments are not, and a server that stands twice counts once', (t) => {
  const text = '<connection>\n  remote a.example 443\n</connection>\r\n# remote b.example\n;remote c.example\nremote a.example 443 # again\n';
  t.deepEqual(openvpn(text), ['a.example 443 udp']);
});

test('a WireGuard configuration names them by `Endpoint`', (t) => {
  t.deepEqual(wireguard('[Peer]\nEndpoint = a.example:51820\n[Peer]\nendpoint=192.0.2.1:443 # two\n'), ['a.example 51820 udp', '192.0.2.1 443 udp']);
});

test('a server of IPv6 is none: a container carries no IPv6', (t) => {
  t.deepEqual(mistakes('wireguard', 'Endpoint = [2001:db8::1]:51820'), ['1: Endpoint: expected the name or the IPv4 address of a server']);
  t.deepEqual(mistakes('openvpn', 'remote 2001:db8::1 1194'), ['1: remote: expected the name or the IPv4 address of a server']);
});

test('what could mean something to a shell is no server', (t) => {
  for (const host of ['$(reboot)', '-x', 'a;b', '`x`', '"a"']) t.is(readProvider('openvpn', `remote ${host} 1194`).servers.length, 0, host);
});

test('a file without a server is no configuration of a client', (t) => {
  t.deepEqual(mistakes('openvpn', 'server 10.8.0.0 255.255.255.0'), ['1: there is no remote in it']);
  t.deepEqual(mistakes('wireguard', '[Interface]'), ['1: there is no Endpoint in it']);
});
