/** How OpenVPN is run: it makes a tunnel, and our scripts decide what goes by it. */
import { beginning } from './beginning.js';
import { script, type RenderedFile } from './file.js';

const start = `# For vpn-set-online.sh: OpenVPN, with the provider's configuration. Addresses and routes are not what the provider says:
# openvpn-hook.sh sets them.
# shellcheck shell=sh disable=SC2154
"$daemon" start "$namespace" "$name" session 60 "[ -e '$directory/online' ]" \\
  openvpn --cd "$(dirname "$configuration")" --config "$configuration" --dev "$interface" --dev-type tun \\
  --route-noexec --ifconfig-noexec --script-security 2 --up-restart \\
  --up "$scripts/openvpn-hook.sh $name" --down "$scripts/openvpn-hook.sh $name"
`;

/** When it fails OpenVPN ends: there is no session without its route and its resolver. */
const hook = `#!/bin/sh
# openvpn-hook.sh NAME ...: what OpenVPN runs in the container when its tunnel stands, and when it goes. In the environment: script_type, dev,
# ifconfig_local, ifconfig_netmask or ifconfig_remote, route_vpn_gateway, tun_mtu, foreign_option_1 ...
${beginning('name=$1', '-eu')}

# The provider's resolver: what the site file says, else what the provider says, else the far end of the tunnel.
resolver_of_session() {
  pushed=$(env | sed -n 's/^foreign_option_[0-9]*=dhcp-option DNS \\([0-9.]*\\)$/\\1/p' | head -n 1)
  echo "\${resolver:-\${pushed:-\${route_vpn_gateway:-}}}"
}

case $script_type in
  up)
    require_rules
    ip -n "$namespace" address flush dev "$dev"
    if [ -n "\${ifconfig_remote:-}" ]; then
      ip -n "$namespace" address add "$ifconfig_local" peer "$ifconfig_remote" dev "$dev"
    else
      ip -n "$namespace" address add "$ifconfig_local/$ifconfig_netmask" dev "$dev"
    fi
    ip -n "$namespace" link set "$dev" up mtu "\${tun_mtu:-1500}"
    session_up "$(resolver_of_session)"
    ;;
  down) session_down ;;
esac
`;

export const openvpnScripts: readonly RenderedFile[] = [
  { path: 'scripts/start-openvpn.sh', mode: 0o644, text: start },
  script('scripts/openvpn-hook.sh', hook),
];
