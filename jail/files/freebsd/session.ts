/** The session of a VPN container: one script in its jail that starts, stops and checks it, and that OpenVPN calls when the tunnel is up. */
import { dirname } from 'node:path';
import { quote } from '../../plan/words.js';
import type { Site, VpnContainer } from '../../site/site.js';
import { jailOf, tunnelOf } from './names.js';
import { killSwitch } from './rules.js';
import { learned, nat } from './rules-vpn.js';

/** Names below the directory of a container. */
export const sessionFiles = {
  session: 'session.sh', sshdConfig: 'sshd_config', hostKey: 'ssh_host_key', clientKey: 'session_key', sshConfig: 'ssh_config',
} as const;

/** Where the provider's configuration and what belongs to it lie: a directory that the jail sees under the same path. */
export const providerDirectory = ({ configuration }: VpnContainer): string => dirname(configuration);

interface Kind {
  /** What the script has to know besides. */
  readonly settings: (container: VpnContainer) => string;
  /** Whether a session runs: a condition. */
  readonly runs: string;
  readonly start: string;
  readonly end: string;
  /** Sets the tunnel's addresses, `way` to its next hop, and `says` to the provider's resolver. */
  readonly take: string;
}

const openVpn: Kind = {
  settings: (container) => `directory=${quote(providerDirectory(container))}
pidfile=/var/run/vpncore-session.pid
log=/var/log/vpncore-session.log
`,
  runs: 'pgrep -F "$pidfile" openvpn >/dev/null 2>&1',
  start: `    # The tunnel's interface is there already; addresses and routes are ours to set, and OpenVPN ends when that fails.
    openvpn --cd "$directory" --config "$configuration" --dev "$tunnel" --dev-type tun \\
        --route-noexec --ifconfig-noexec --script-security 2 --up "$0 up" --down "$0 down" --up-restart \\
        --ping 5 --ping-restart 20 --daemon vpncore --writepid "$pidfile" --log "$log"`,
  end: `    pkill -TERM -F "$pidfile" openvpn || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        runs || break
        sleep 0.5
    done
    if runs; then pkill -KILL -F "$pidfile" openvpn; fi
    rm -f "$pidfile"`,
  take: `    # openvpn(8), SCRIPTING: the numbers are in the environment.
    # shellcheck disable=SC2154
    ifconfig "$tunnel" inet "$ifconfig_local" "$route_vpn_gateway" netmask "\${ifconfig_netmask:-255.255.255.255}" mtu "\${tun_mtu:-1500}" up
    way=$route_vpn_gateway
    says=$(env | sed -n 's/^foreign_option_[0-9]*=dhcp-option DNS \\([0-9.]*\\)$/\\1/p' | head -n 1)
    says=\${says:-$route_vpn_gateway}`,
};

/** wg(8) has no process: a session is an interface that is up. */
const wireGuard: Kind = {
  settings: () => `
# The first IPv4 value of a word in the provider's file.
value() {
    sed -nE "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$configuration" | tr -d ' ' | tr ',' '\\n' | grep -v : | head -n 1
}
`,
  runs: 'ifconfig "$tunnel" 2>/dev/null | grep -q "<UP"',
  start: `    # wg(8) knows the keys and the peer; the other words of the file are wg-quick's.
    stripped=$(mktemp)
    trap 'rm -f "$stripped"' EXIT
    sed -E '/^[[:space:]]*(Address|DNS|MTU|Table|SaveConfig|(Pre|Post)(Up|Down))[[:space:]]*=/d' "$configuration" >"$stripped"
    wg setconf "$tunnel" "$stripped"
    take`,
  end: '    ifconfig "$tunnel" down',
  take: `    mtu=$(value MTU)
    ifconfig "$tunnel" inet "$(value Address | sed 's/\\/.*//')/32" mtu "\${mtu:-1420}" up
    way="-interface $tunnel"
    says=$(value DNS)`,
};

/** `session.sh` */
export function sessionScript(site: Site, container: VpnContainer): string {
  const kind = container.provider === 'openvpn' ? openVpn : wireGuard;
  const targets = site.wan.ha.checkTargets.map(({ text }) => text).join(' ');
  return [beginning(site, container, kind), tunnelText(kind), verbsText(targets)].join('\n');
}

const beginning = (site: Site, container: VpnContainer, kind: Kind): string => `#!/bin/sh
# ${jailOf(site, container)}: the session of ${container.vpn.name}. vpnjail made this file.
#   online    start it               pid       does it run?
#   offline   end it                 check N   does the tunnel carry anything, within N seconds?
#   up, down  for OpenVPN: the tunnel is there, or gone
# Rules are not touched: with a session and without they refuse all but the tunnel (ipfw.rules).
set -eu
PATH=\${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

configuration=${quote(container.configuration)}
tunnel=${tunnelOf(container)}
local=${container.address.text}
anycast=${container.vpn.anycast.text}
# The provider's resolver; empty: what the provider says.
resolver=${quote(container.resolver?.text ?? '')}
${kind.settings(container)}
runs() { ${kind.runs}; }

start() {
${kind.start}
}

end() {
${kind.end}
}
`;

const tunnelText = (kind: Kind): string => `# The tunnel is there: clients go by it, and questions to our port 53 to the provider's resolver.
take() {
${kind.take}
    route -nq delete default >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # it may be two words
    route -nq add default $way
    learn "\${resolver:-$says}"
}

learn() {
    ipfw -q nat ${nat.resolver} config ip "$local" \\
        redirect_port udp "$1:53" "$local:53" redirect_port tcp "$1:53" "$local:53" \\
        redirect_port udp "$1:53" "$anycast:53" redirect_port tcp "$1:53" "$anycast:53"
    ipfw -q table ${learned.resolver} flush
    ipfw -q table ${learned.resolver} add "$1"
}

# It is gone.
forget() {
    ipfw -q table ${learned.resolver} flush
    ipfw -q nat ${nat.resolver} config ip "$local"
    route -nq delete default >/dev/null 2>&1 || true
}
`;

const verbsText = (targets: string): string => `online() {
    # Nothing begins but behind the rules.
    ipfw list ${killSwitch.number} >/dev/null
    runs || start
}

offline() {
    if runs; then end; fi
    forget
}

# All targets at once; the first answer is enough.
check() {
    trap 'exit 0' USR1
    for target in ${targets}; do
        { ping -n -q -c 1 -t "$1" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
    done
    wait
    echo 'nothing answers through the tunnel'
    exit 1
}

# Over ssh it is this script that runs, whatever was asked for; what was asked for is its first words.
if [ -n "\${SSH_ORIGINAL_COMMAND:-}" ]; then
    # shellcheck disable=SC2086 # words
    set -- $SSH_ORIGINAL_COMMAND
fi
case "\${1:-}" in
    online | offline) "$1" ;;
    up) take ;;
    down) forget ;;
    pid) runs ;;
    check)
        case "\${2:-}" in '' | *[!0-9]*) echo 'check takes seconds' >&2; exit 2 ;; esac
        check "$2" ;;
    *) echo "usage: $0 online | offline | pid | check SECONDS" >&2; exit 2 ;;
esac
`;
