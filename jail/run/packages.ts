/** Which Debian package a program of the Linux plans comes in. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'coreutils': ['cat', 'dd', 'env', 'install', 'ln', 'mkdir', 'rm', 'rmdir', 'test'],
  'diffutils': ['cmp'],
  'findutils': ['find'],
  'frr': ['/usr/lib/frr/bfdd', '/usr/lib/frr/bgpd', '/usr/lib/frr/staticd', '/usr/lib/frr/zebra', 'vtysh'],
  'grep': ['grep'],
  'iproute2': ['ip', 'ss'],
  'libc-bin': ['getent'],
  'iputils-ping': ['ping'],
  'nftables': ['nft'],
  'openvpn': ['openvpn'],
  'procps': ['sysctl'],
  'socat': ['socat'],
  'charon-systemd': ['charon-systemd'],
  'strongswan-swanctl': ['swanctl'],
  'util-linux': ['setsid'],
  'wireguard-go': ['wireguard-go'],
  'wireguard-tools': ['wg'],
};

export const packageOf: ReadonlyMap<string, string> =
  new Map(Object.entries(packages).flatMap(([name, programs]) => programs.map((program): [string, string] => [program, name])));
