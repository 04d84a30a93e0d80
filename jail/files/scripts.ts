/** The scripts by which the HA daemon starts, stops and checks sessions, without Node.js. They know a VPN by its name. */
import { sessionInterface } from '../plan/linux/names.js';
import { quote } from '../plan/words.js';
import type { Site, VpnContainer } from '../site/site.js';
import { script, type RenderedFile } from './file.js';
import { openvpnScripts } from './openvpn.js';
import { beginning } from './beginning.js';
import { wireguardScript } from './wireguard.js';

/** What the scripts have to know of a VPN. */
export function vpnSettings(site: Site, container: VpnContainer, namespace: string, rules: string): RenderedFile {
  const { vpn, provider, configuration, resolver } = container;
  const values = {
    namespace, provider, configuration, interface: sessionInterface(site, container), rules,
    resolver: resolver?.text ?? '', targets: site.wan.ha.checkTargets.map(({ text }) => text).join(' '),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`);
  return { path: `vpn/${vpn.name}/settings`, mode: 0o644, text: `# ${vpn.name} at ${site.name}: for the scripts of its HA daemon.\n${lines.join('\n')}\n` };
}

const session = `# For the scripts beside it, which set "scripts", where they are, and "name": what that VPN is, and what they share.
# shellcheck shell=sh disable=SC2034,SC2154 # variables come from the settings, and go to the scripts
# Whoever starts a script may have a PATH of its own, or none.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
run=\${scripts%/scripts}
daemon=$run/bin/daemon
directory=$run/vpn/$name
# Where its container is down there is no session: "absent" is the exit code of a script then.
[ -e "$directory/settings" ] || { echo "there is no container of $name" >&2; exit "\${absent:-1}"; }
# shellcheck source=/dev/null
. "$directory/settings"

inside() { ip netns exec "$namespace" "$@"; }

is_address() {
  case $1 in
    '' | *[!0-9.]*) return 1 ;;
  esac
}

stands() { ip -n "$namespace" link show dev "$interface" up 2>/dev/null | grep -q .; }

# Nothing begins but behind the rules of its container.
require_rules() {
  inside nft list chain inet vpnjail "$rules" >/dev/null && return
  echo "the rules of $namespace are not in force: no session is started" >&2
  return 1
}

# session_up RESOLVER: all that clients send goes by the session, and what they ask to the provider's resolver, if it is known.
session_up() {
  ip -n "$namespace" route replace default dev "$interface" || return 1
  if is_address "$1"; then
    ip -n "$namespace" route replace "$1/32" dev "$interface" &&
      printf 'flush map inet vpnjail resolver\\nadd element inet vpnjail resolver { 53 : %s }\\n' "$1" >"$directory/known/resolver.nft" &&
      inside nft -f "$directory/known/resolver.nft" || return 1
  fi
  : >"$directory/online"
}

session_down() {
  rm -f "$directory/online" "$directory/known/resolver.nft"
  inside nft flush map inet vpnjail resolver
}
`;

const setOnline = `#!/bin/sh
# vpn-set-online.sh NAME LOCAL_ADDRESS VPN_DIRECTORY SITE GATEWAY: starts the session of a VPN; succeeds when its tunnel stands.
${beginning('name=$1')}
require_rules || exit 1
rm -f "$directory/online"
# shellcheck source=/dev/null
. "$scripts/start-$provider.sh"
`;

const setOffline = `#!/bin/sh
# vpn-set-offline.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: ends the session of a VPN; succeeds when there is none. The rules of its container stay.
${beginning('name=$1 absent=0')}
"$daemon" stop "$namespace" "$name" 5
ip -n "$namespace" link delete "$interface" 2>/dev/null
session_down
# What wireguard-go leaves when it is killed.
rm -f "/var/run/wireguard/$interface.sock"
rmdir /var/run/wireguard 2>/dev/null
! stands
`;

const checkPid = `#!/bin/sh
# check-pid.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: is there a session? Its interface is gone when its process is.
${beginning('name=$1')}
stands
`;

const checkOnline = `#!/bin/sh
# vpn-check-online.sh LOCAL_ADDRESS TIMEOUT NAME: does the session carry anything? All targets are pinged at once; the first answer is enough.
${beginning('timeout=$2 name=$3')}
trap 'exit 0' USR1
for target in $targets; do
  { inside ping -n -q -c 1 -W "$timeout" -I "$interface" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
done
wait
exit 1
`;

export const sessionScripts: readonly RenderedFile[] = [
  { path: 'scripts/session.sh', mode: 0o644, text: session },
  script('scripts/vpn-set-online.sh', setOnline),
  script('scripts/vpn-set-offline.sh', setOffline),
  script('scripts/check-pid.sh', checkPid),
  script('scripts/vpn-check-online.sh', checkOnline),
  ...openvpnScripts,
  wireguardScript,
];
