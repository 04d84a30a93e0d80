/** Two providers of VPNs: real servers, a resolver inside each tunnel, and what they send to a customer. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from './certificates.js';
import { ipBatch, run, startDaemon, until, within } from './command.js';
import { addHost, resolverReady, startResolver } from './internet.js';
import { directory, providers, type Provider } from './layout.js';

/** A customer's configuration files. */
export type Customers = Readonly<Record<Provider, string>>;

const files = join(directory, 'providers');
const log = (name: string): string => join(directory, 'log', `${name}.log`);

/** The provider's customers reach the Internet by its own address. */
const translate = ({ namespace, network, address }: (typeof providers)[Provider]): Promise<string> =>
  run(within(namespace, 'nft', '-f', '-'),
    `table ip provider { chain out { type nat hook postrouting priority srcnat; ip saddr ${network} oifname "eth0" snat to ${address}; }; }\n`);

async function buildOpenVpn(authority: Authority): Promise<string> {
  const { namespace, address, port, resolver, answer } = providers.openvpn;
  const [server, customer] = [await authority.sign('openvpn-server', 'serverAuth'), await authority.sign('openvpn-customer', 'clientAuth')];
  await addHost(namespace, address);
  // One session a customer: who comes later ends the earlier one. No duplicate-cn.
  writeFileSync(join(files, 'server.conf'), [
    'dev tun0', 'dev-type tun', 'proto udp4', `local ${address}`, `port ${port}`, 'topology subnet', 'server 10.8.0.0 255.255.255.0',
    'push "redirect-gateway def1"', `push "dhcp-option DNS ${resolver}"`, 'keepalive 1 4', `ca ${server.authority}`, `cert ${server.certificate}`,
    `key ${server.key}`, 'dh none', 'data-ciphers AES-256-GCM', 'explicit-exit-notify 1', 'verb 3', '',
  ].join('\n'));
  startDaemon(namespace, ['openvpn', '--config', join(files, 'server.conf')], log('openvpn-server'));
  await until('the OpenVPN server is up', async () => (await run(['ip', '-n', namespace, 'addr', 'show', 'tun0'])).includes(resolver));
  await translate(providers.openvpn);
  startResolver(namespace, [resolver], answer);
  await resolverReady(namespace, resolver);
  const path = join(files, 'customer.ovpn');
  writeFileSync(path, [
    'client', 'dev tun', 'proto udp4', `remote ${address} ${port}`, 'nobind', 'remote-cert-tls server', `ca ${customer.authority}`,
    `cert ${customer.certificate}`, `key ${customer.key}`, 'data-ciphers AES-256-GCM', 'connect-retry 1 2', 'server-poll-timeout 4', 'verb 3', '',
  ].join('\n'), { mode: 0o600 });
  return path;
}

async function wireGuardKey(): Promise<{ readonly own: string; readonly known: string }> {
  const own = (await run(['wg', 'genkey'])).trim();
  return { own, known: (await run(['wg', 'pubkey'], own)).trim() };
}

async function buildWireGuard(): Promise<string> {
  const { namespace, address, port, resolver, answer } = providers.wireguard;
  const [server, customer] = [await wireGuardKey(), await wireGuardKey()];
  await addHost(namespace, address);
  const device = 'wg-lab-provider';
  startDaemon(namespace, ['wireguard-go', '-f', device], log('wireguard-server'));
  await until('the WireGuard server is up', async () => (await run(within(namespace, 'wg', 'show', 'interfaces'))).includes(device));
  const configuration = join(files, 'server.wg');
  writeFileSync(configuration, [
    '[Interface]', `PrivateKey = ${server.own}`, `ListenPort = ${port}`, '[Peer]', `PublicKey = ${customer.known}`, 'AllowedIPs = 10.9.0.2/32', '',
  ].join('\n'), { mode: 0o600 });
  await run(within(namespace, 'wg', 'setconf', device, configuration));
  await ipBatch(namespace, [`addr add ${resolver}/24 dev ${device}`, `link set ${device} up mtu 1420`]);
  await translate(providers.wireguard);
  startResolver(namespace, [resolver], answer);
  await resolverReady(namespace, resolver);
  const path = join(files, 'customer.conf');
  writeFileSync(path, [
    '[Interface]', `PrivateKey = ${customer.own}`, 'Address = 10.9.0.2/32', `DNS = ${resolver}`, '',
    '[Peer]', `PublicKey = ${server.known}`, `Endpoint = ${address}:${port}`, 'AllowedIPs = 0.0.0.0/0', 'PersistentKeepalive = 1', '',
  ].join('\n'), { mode: 0o600 });
  return path;
}

export async function buildProviders(authority: Authority): Promise<Customers> {
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const [openvpn, wireguard] = await Promise.all([buildOpenVpn(authority), buildWireGuard()]);
  return { openvpn, wireguard };
}
