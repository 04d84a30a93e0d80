/** What the lab needs of its machine. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { pathOf } from '../../bench/programs.js';
import { run } from './command.js';

/** Which Debian package brings a program, or a file. */
const packages: Readonly<Record<string, string>> = {
  '/usr/lib/frr/zebra': 'frr', '/usr/lib/frr/bfdd': 'frr', 'openvpn': 'openvpn', 'wireguard-go': 'wireguard-go', 'wg': 'wireguard-tools',
  'swanctl': 'strongswan-swanctl', 'charon-systemd': 'charon-systemd', '/usr/lib/ipsec/libcharon.so.0': 'strongswan-libcharon',
  '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so': 'libcharon-extra-plugins',
  '/usr/lib/ipsec/plugins/libstrongswan-openssl.so': 'libstrongswan-standard-plugins',
  '/usr/lib/ipsec/plugins/libstrongswan-curve25519.so': 'libstrongswan-extra-plugins',
  'etcd': 'etcd-server', 'etcdctl': 'etcd-client', 'tcpdump': 'tcpdump', 'dnsmasq': 'dnsmasq-base', 'conntrack': 'conntrack', 'nft': 'nftables',
  'ip': 'iproute2', 'ping': 'iputils-ping', 'socat': 'socat', 'dig': 'bind9-dnsutils', 'curl': 'curl', 'sysctl': 'procps', 'ethtool': 'ethtool',
  'openssl': 'openssl', 'nsenter': 'util-linux',
};

const isThere = (what: string): boolean => (what.startsWith('/') ? existsSync(what) : pathOf(what) !== undefined);
const missing = (): string[] => Object.keys(packages).filter((what) => !isThere(what));

/** Debian starts the daemons that it installs, unless this says no. */
const policy = '/usr/sbin/policy-rc.d';

async function install(names: readonly string[]): Promise<void> {
  const hasPolicy = existsSync(policy);
  if (!hasPolicy) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
    await run([...apt, 'update'], '', installMs);
    await run([...apt, 'install', '--no-install-recommends', '-y', ...names], '', installMs);
  } finally {
    if (!hasPolicy) rmSync(policy);
  }
}

const installMs = 600_000;

/**
 * Installs what is missing, where that can be done.
 * @returns why there can be no lab on this machine; undefined when there can
 */
export async function whyNoLab(say: (line: string) => void): Promise<string | undefined> {
  if (platform() !== 'linux') return `it takes Linux, and this is ${platform()}`;
  if (process.getuid?.() !== 0) return 'it takes root, who alone can make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'it takes TUN devices, and there is no /dev/net/tun';
  if (missing().length === 0) return undefined;
  const names = [...new Set(missing().map((what) => packages[what]!))];
  if (pathOf('apt-get') === undefined) return `${missing().join(', ')} missing (Debian: ${names.join(' ')})`;
  say(`installing ${names.join(' ')}`);
  await install(names).catch((error: unknown) => say(String(error)));
  return missing().length === 0 ? undefined : `${missing().join(', ')} could not be installed (Debian: ${names.join(' ')})`;
}
