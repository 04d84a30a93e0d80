/** jail.conf(5), and the rc.conf(5) of each jail. */
import { containersOf, type Container, type Site } from '../../site/site.js';
import { containerDirectory, devfsRuleset, dnsUser, jailOf, rootOf } from './names.js';
import { sessionFiles } from './session.js';

const jailBlock = (site: Site, container: Container): string => `
# ${container.name}: ${what[container.role]}
${jailOf(site, container)} {
    path = "${rootOf(site, container)}";
    host.hostname = "${container.name}.${site.name}";
}
`;

const what: Readonly<Record<Container['role'], string>> = {
  ipsec: 'routes to the other sites, and runs dynvpn', vpndns: 'answers DNS', vpn: 'has a session to a provider', service: 'a service',
};

/** All jails of the site. The plan starts and removes them by this file. */
export const jailConf = (site: Site): string => `# ${site.name}: its jails (jail.conf(5)).
# vpnjail starts them with \`jail -f THIS -c NAME\` and removes them with \`jail -f THIS -r NAME\`;
# wires, rules and addresses come after: a jail that is started without vpnjail has no network.

vnet = "new";                       # a network stack of its own
persist;                            # even when nothing runs in it
mount.devfs;
devfs_ruleset = "${devfsRuleset}";
enforce_statfs = "1";
allow.raw_sockets;                  # ping
exec.clean;
exec.start = "/bin/sh /etc/rc";
exec.stop = "/bin/sh /etc/rc.shutdown jail";
exec.consolelog = "/var/log/jail_\${name}_console.log";
${containersOf(site).map((container) => jailBlock(site, container)).join('')}`;

const common = `# Nothing listens but what this jail is for.
syslogd_flags="-ss"
sendmail_enable="NONE"
sshd_enable="NO"
# cron(8) runs newsyslog(8).
cron_enable="YES"
clear_tmp_enable="YES"
# IPv4 only: there is no way out by IPv6.
ipv6_activate_all_interfaces="NO"
`;

const gateway = '# It passes packets on.\ngateway_enable="YES"\n';

/** What `service` needs in each. vpnjail starts things itself, in order, once the network is there: hence no `_enable` but where a script insists. */
const own = (site: Site, container: Container): string => ({
  ipsec: `${gateway}# FRR: one configuration for all daemons.
frr_enable="YES"
frr_vtysh_boot="YES"
frr_daemons="zebra staticd bgpd bfdd"
# strongSwan: swanctl.conf.
strongswan_interface="vici"
`,
  vpndns: `# vpndns runs as the user ${dnsUser.name}, who may take port 53 here: see the plan, net.inet.ip.portrange.reservedhigh.\n`,
  vpn: `${gateway}# The router starts and ends the session by ssh(1); the key is vpnjail's.
sshd_flags="-f ${containerDirectory(site, container)}/${sessionFiles.sshdConfig}"
sshd_rsa_enable="NO"
sshd_ecdsa_enable="NO"
sshd_ed25519_enable="NO"
`,
  service: '',
})[container.role];

export const rcConf = (site: Site, container: Container): string =>
  `# ${container.name} of ${site.name}: /etc/rc.conf.local of the jail (rc.conf(5)).\n${common}${own(site, container)}`;

/** `resolv.conf` of a jail. */
export const resolvConf = (site: Site, container: Container): string => (container.role === 'vpn'
  ? '# Nothing in this jail asks for names: a query would leave by the wrong way. The names of the servers that it may reach stand in hosts.\n'
  : `# ${container.name} of ${site.name} asks the DNS server of the site (resolver(5)).\nnameserver ${site.vpndns.text}\n`);

/** Daemons whose output daemon(8) writes to a log: by the name of both. */
const logged = (container: Container): readonly string[] => ({
  ipsec: ['dynvpn'], vpndns: ['vpndns'], vpn: [], service: container.role === 'service' && container.command !== undefined ? [container.name] : [],
})[container.role];

/** `newsyslog.conf`; undefined where there is nothing to rotate. daemon(8) opens its log anew at a SIGHUP. */
export function newsyslogConf(site: Site, container: Container): string | undefined {
  const lines = logged(container).map((name) => `/var/log/${name}.log  640  7  10000  @T00  JC  /var/run/${name}.pid  1`);
  return lines.length === 0 ? undefined : [
    `# ${container.name} of ${site.name}: logs (newsyslog.conf(5)), a week of days, or 10 MB each.`,
    '# file  mode  count  kB  when  flags  process  signal', ...lines, '',
  ].join('\n');
}
