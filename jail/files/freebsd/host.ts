/** What an administrator of the host may want to keep: settings that survive a restart of the machine, and the devices that jails see. */
import type { Site } from '../../site/site.js';
import { devfsRuleset } from './names.js';

/** A kernel module: the file that kldload(8) loads, and the name that it goes by in the kernel (kldstat(8), `-m`). */
export interface Module {
  readonly file: string;
  readonly name: string;
  readonly why: string;
}

export const modulesOf = ({ wan, vpnContainers }: Site): readonly Module[] => [
  { file: 'if_bridge', name: 'if_bridge', why: 'the bridges' },
  { file: 'if_epair', name: 'if_epair', why: 'wires between the bridges and the jails' },
  { file: 'if_gre', name: 'if_gre', why: "clients' tunnels" },
  { file: 'ipfw', name: 'ipfw', why: 'rules' },
  { file: 'ipfw_nat', name: 'ipfw_nat', why: 'translations' },
  ...(wan.tunnel === 'gre' ? [] : [{ file: 'ipsec', name: 'if_ipsec', why: 'IPsec' }]),
  ...(vpnContainers.some(({ provider }) => provider === 'wireguard') ? [{ file: 'if_wg', name: 'if_wg', why: 'WireGuard' }] : []),
];

/** Without it a machine on which ipfw(4) is loaded lets nothing in or out any more. Jails don't rely on it: their last rule is their own. */
export const defaultToAccept = 'net.inet.ip.fw.default_to_accept';

export const loaderConf = (site: Site): string => `# ${site.name}: for /boot/loader.conf (loader.conf(5)): what vpnjail loads, from the start.
# The host lets pass what no rule refuses, as it did without ipfw; take this away once it has rules of its own that end with a refusal.
${defaultToAccept}="1"
${modulesOf(site).map(({ file, why }) => `${file}_load="YES"`.padEnd(24) + `# ${why}`).join('\n')}
`;

/** Settings of the kernel (sysctl(8)). */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

export const forwarding: Setting = { name: 'net.inet.ip.forwarding', value: '1', why: 'it passes packets on' };

export const hostSettings: readonly Setting[] = [
  forwarding,
  { name: 'net.inet.ip.redirect', value: '0', why: 'it tells nobody of a shorter way: the router is on the same bridge as who asks for it' },
  { name: 'net.inet.ip.fw.one_pass', value: '0', why: 'a packet that was translated is judged by the rules behind, the administrator\'s among them' },
  { name: 'net.link.bridge.pfil_member', value: '0', why: "rules judge what is routed, not what a bridge's members hand to each other" },
  { name: 'net.link.bridge.pfil_bridge', value: '0', why: 'nor what the bridge does' },
];

export const sysctlConf = ({ name }: Site): string => `# ${name}: for /etc/sysctl.conf (sysctl.conf(5)), as vpnjail sets them.
${hostSettings.map((setting) => `# ${setting.why}\n${setting.name}=${setting.value}`).join('\n')}
`;

/** Rules of devfs(8): the usual ones of a jail (rulesets 1 to 3 of /etc/defaults/devfs.rules), and the tunnels. */
export const devfsRules: readonly { readonly rule: readonly string[]; readonly inFile: string }[] = [
  { rule: ['include', '1'], inFile: 'include $devfsrules_hide_all' },
  { rule: ['include', '2'], inFile: 'include $devfsrules_unhide_basic' },
  { rule: ['include', '3'], inFile: 'include $devfsrules_unhide_login' },
  { rule: ['path', 'tun*', 'unhide'], inFile: "path 'tun*' unhide" },
  { rule: ['path', 'bpf*', 'unhide'], inFile: "path 'bpf*' unhide" },
];

export const devfsRulesFile = ({ name }: Site): string => `# ${name}: for /etc/devfs.rules (devfs.rules(5)).
# What a jail with a tunnel sees: the devices of any jail, tun(4) for OpenVPN, bpf(4) for tcpdump.
[devfsrules_vpncore=${devfsRuleset}]
${devfsRules.map(({ inFile }) => `add ${inFile}`).join('\n')}
`;
