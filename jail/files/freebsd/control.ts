/**
 * How dynvpn, in the router, reaches the sessions, in their containers: over ssh(1), as the predecessor did. The six scripts of its `vpn-script` call the
 * session's script, and nothing else can be called.
 */
import type { Site, VpnContainer } from '../../site/site.js';
import { containerDirectory, jailOf } from './names.js';
import { sessionFiles } from './session.js';

/** `sshd_config`: nobody but the router gets in, and what it gets is the session's script. */
export const sshdConfig = (site: Site, container: VpnContainer): string => {
  const directory = containerDirectory(site, container);
  return `# ${jailOf(site, container)}: sshd_config(5). The router may run the session's script, and nothing else.
ListenAddress ${container.address.text}
HostKey ${directory}/${sessionFiles.hostKey}
AuthorizedKeysFile ${directory}/${sessionFiles.clientKey}.pub
AllowUsers root@${site.router.text}
PermitRootLogin prohibit-password
ForceCommand ${directory}/${sessionFiles.session}
PasswordAuthentication no
KbdInteractiveAuthentication no
DisableForwarding yes
PermitTTY no
UseDNS no
`;
};

/** The host key of a VPN's sshd, as the router knows it. */
export const knownHosts = (site: Site, { name }: VpnContainer): string => `${containerDirectory(site, site.ipsec)}/known_hosts.${name}`;

/** `ssh_config` of the router. */
export const sshConfig = (site: Site): string => {
  const directory = containerDirectory(site, site.ipsec);
  return `# ${jailOf(site, site.ipsec)}: ssh_config(5), how dynvpn's scripts reach the sessions.
Host *
    User root
    IdentityFile ${directory}/${sessionFiles.clientKey}
    IdentitiesOnly yes
    UserKnownHostsFile ${site.vpnContainers.map((container) => knownHosts(site, container)).join(' ')}
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 5
`;
};

interface Script {
  readonly name: string;
  readonly usage: string;
  readonly body: string;
}

const overSsh = (site: Site, address: string, words: string): string =>
  `exec ssh -F ${containerDirectory(site, site.ipsec)}/${sessionFiles.sshConfig} "${address}" ${words}`;

/** dynvpn's scripts (vpn-script's README has their arguments). */
export const dynvpnScripts = (site: Site): readonly Script[] => [
  { name: 'check-pid.sh', usage: 'NAME LOCAL_ADDR VPN_DIR: does a session run?', body: overSsh(site, '$2', 'pid') },
  { name: 'vpn-set-online.sh', usage: 'NAME LOCAL_ADDR VPN_DIR SITE GATEWAY: starts a session', body: overSsh(site, '$2', 'online') },
  { name: 'vpn-set-offline.sh', usage: 'NAME LOCAL_ADDR VPN_DIR: ends a session, if there is one', body: overSsh(site, '$2', 'offline') },
  { name: 'vpn-check-online.sh', usage: 'LOCAL_ADDR TIMEOUT NAME: does it carry anything?', body: overSsh(site, '$1', '"check $2"') },
  {
    name: 'add-vpn-route.sh', usage: 'ANYCAST GATEWAY: puts the route in place',
    body: '/sbin/route -nq delete -host "$1" >/dev/null 2>&1 || true\nexec /sbin/route -nq add -host "$1" "$2"',
  },
  { name: 'delete-vpn-route.sh', usage: 'ANYCAST: removes the route', body: 'exec /sbin/route -nq delete -host "$1"' },
];

export const scriptText = (site: Site, { name, usage, body }: Script): string =>
  `#!/bin/sh\n# ${name} ${usage} (${site.name}, made by vpnjail for dynvpn's vpn-script)\nset -eu\n${body}\n`;
