/** Shell scripts for Linux: they run without Node.js. */
import { routeProtocol, sessionInterface } from '../plan/linux/names.js';
import { quote } from '../plan/words.js';
import type { Site, VpnContainer } from '../site/site.js';
import type { RenderedFile } from './file.js';
import { openvpnScripts } from './openvpn.js';
import { beginning, placesOf, script, type Places } from './places.js';
import { wireguardScript } from './wireguard.js';

/** What a plan for Linux uses. */
export const toolScripts = (site: Site): readonly RenderedFile[] =>
  [script('bin/daemon', daemonText(placesOf(site))), script('bin/gre', greText(placesOf(site))), script('bin/pin', pinText)];

const daemonText = ({ run }: Places): string => `#!/bin/sh
# Daemons in network namespaces.
#   daemon start NAMESPACE NAME STAMP SECONDS READY COMMAND...
#     STAMP tells what it was started with; READY is a condition, asked inside the namespace, that must hold within SECONDS
#   daemon running NAMESPACE NAME STAMP
#   daemon stop NAMESPACE NAME SECONDS
#     asks it to end, and after SECONDS makes it end
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
action=$1 namespace=$2 name=$3
shift 3
process_file=${run}/pid/$namespace.$name
stamp_file=$process_file.stamp
log=${run}/log/$namespace.$name.log

# Numbers of processes are used again: ours is one of this namespace.
alive() {
  process=$(cat "$process_file" 2>/dev/null) && ip netns pids "$namespace" 2>/dev/null | grep -q -x "$process"
}

# wait_for SECONDS CONDITION...: twenty looks a second
wait_for() {
  looks=$(($1 * 20))
  shift
  until "$@"; do
    [ "$looks" -gt 0 ] || return 1
    looks=$((looks - 1))
    sleep 0.05
  done
}

ended() { ! alive; }

stop() {
  if alive; then
    kill "$process" 2>/dev/null
    wait_for "$1" ended || kill -s KILL "$process" 2>/dev/null
    wait_for 2 ended || return 1
  fi
  rm -f "$process_file" "$stamp_file"
}

# It is ready, or it never will be.
settled() {
  ready=no
  ip netns exec "$namespace" sh -c "$condition" >/dev/null 2>&1 && ready=yes
  [ "$ready" = yes ] || { [ -s "$process_file" ] && ended; }
}

start() {
  stamp=$1 seconds=$2 condition=$3
  shift 3
  stop 5 || return 1
  : >"$log"
  # shellcheck disable=SC2016 # the inner shell expands them
  ip netns exec "$namespace" setsid -f sh -c 'echo $$ >"$1"; exec >>"$2" 2>&1 </dev/null; shift 2; exec "$@"' sh "$process_file" "$log" "$@"
  if wait_for "$seconds" settled && [ "$ready" = yes ]; then
    echo "$stamp" >"$stamp_file"
    return 0
  fi
  if alive; then echo "$name is not ready after $seconds s; it says:"; else echo "$name has ended; it says:"; fi >&2
  tail -n 20 "$log" >&2
  stop 2
  return 1
}

case $action in
  start) start "$@" ;;
  stop) stop "$@" ;;
  running) alive && [ "$(cat "$stamp_file" 2>/dev/null)" = "$1" ] ;;
  *) echo "usage: daemon start|running|stop NAMESPACE NAME ..." >&2; exit 2 ;;
esac
`;

const greText = ({ run }: Places): string => `#!/bin/sh
# GRE tunnels, by the kernel where it has them, else by socat: the header that a TUN device puts before a packet is that of GRE, byte for byte (RFC 2784).
#   gre up NAMESPACE INTERFACE LOCAL REMOTE ADDRESS MTU
#   gre down NAMESPACE INTERFACE
#   gre how NAMESPACE INTERFACE        prints which of the two it is
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
action=$1 namespace=$2 interface=$3
shift 3

down() {
  ip -n "$namespace" link delete "$interface" 2>/dev/null
  ${run}/bin/daemon stop "$namespace" "gre-$interface" 2
}

up() {
  local_address=$1 remote=$2 address=$3 mtu=$4
  down
  ip -n "$namespace" link add "$interface" type gre local "$local_address" remote "$remote" ttl 64 2>/dev/null ||
    ${run}/bin/daemon start "$namespace" "gre-$interface" "$remote" 5 "ip link show dev $interface" \\
      socat "TUN,tun-name=$interface,iff-up" "IP4-DATAGRAM:$remote:47,bind=$local_address,range=$remote/32" || return 1
  ip -n "$namespace" address replace "$address" dev "$interface" &&
    ip -n "$namespace" link set "$interface" up mtu "$mtu"
}

how() {
  if ip -n "$namespace" -d link show dev "$interface" | grep -q ' gre '; then echo "$interface: GRE by the kernel"; else echo "$interface: GRE by socat"; fi
}

"$action" "$@"
`;

const pinText = `#!/bin/sh
# Looks up the servers of a provider, as the host does, and lets a container reach them.
#   pin NAMESPACE GATEWAY RULES_FILE HOST PROTOCOL PORT [HOST PROTOCOL PORT]...
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
namespace=$1 gateway=$2 rules=$3
shift 3
hosts=/etc/netns/$namespace/hosts
mkdir -p "$(dirname "$rules")"
echo '127.0.0.1 localhost' >"$hosts"
: >"$rules"
while [ $# -ge 3 ]; do
  addresses=$(getent ahostsv4 "$1" | sed 's/ .*//' | sort -u)
  [ -n "$addresses" ] || { echo "nobody knows an IPv4 address of $1" >&2; exit 1; }
  for address in $addresses; do
    echo "$address $1" >>"$hosts"
    echo "add element inet vpnjail servers { $address . $2 . $3 }" >>"$rules"
    ip -n "$namespace" route replace "$address/32" via "$gateway" proto ${routeProtocol}
  done
  shift 3
done
ip netns exec "$namespace" nft -f "$rules"
`;

/** The scripts by which the HA daemon starts, stops and checks sessions. They know a VPN by its name. */
export function sessionScripts(site: Site): readonly RenderedFile[] {
  const places = placesOf(site);
  return [
    { path: 'scripts/session.sh', mode: 0o644, text: sessionText(places) },
    script('scripts/vpn-set-online.sh', setOnlineText(places)),
    script('scripts/vpn-set-offline.sh', setOfflineText(places)),
    script('scripts/check-pid.sh', checkPidText(places)),
    script('scripts/vpn-check-online.sh', checkOnlineText(places)),
    ...openvpnScripts(places),
    wireguardScript,
  ];
}

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

const sessionText = ({ run, vpns }: Places): string => `# For the scripts beside it, which set "name": what that VPN is, and what they share.
# shellcheck shell=sh disable=SC2034,SC2154 # variables come from the settings, and go to the scripts
# Whoever starts a script may have a PATH of its own, or none.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
daemon=${run}/bin/daemon
directory=${vpns}/$name
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

const setOnlineText = (places: Places): string => `#!/bin/sh
# vpn-set-online.sh NAME LOCAL_ADDRESS VPN_DIRECTORY SITE GATEWAY: starts the session of a VPN; succeeds when its tunnel stands.
${beginning(places, 'name=$1')}
require_rules || exit 1
rm -f "$directory/online"
# shellcheck source=/dev/null
. "${places.scripts}/start-$provider.sh"
`;

const setOfflineText = (places: Places): string => `#!/bin/sh
# vpn-set-offline.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: ends the session of a VPN; succeeds when there is none. The rules of its container stay.
${beginning(places, 'name=$1')}
"$daemon" stop "$namespace" "$name" 5
ip -n "$namespace" link delete "$interface" 2>/dev/null
session_down
# What wireguard-go leaves when it is killed.
rm -f "/var/run/wireguard/$interface.sock"
rmdir /var/run/wireguard 2>/dev/null
! stands
`;

const checkPidText = (places: Places): string => `#!/bin/sh
# check-pid.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: is there a session? Its interface is gone when its process is.
${beginning(places, 'name=$1')}
stands
`;

const checkOnlineText = (places: Places): string => `#!/bin/sh
# vpn-check-online.sh LOCAL_ADDRESS TIMEOUT NAME: does the session carry anything? All targets are pinged at once; the first answer is enough.
${beginning(places, 'timeout=$2 name=$3')}
trap 'exit 0' USR1
for target in $targets; do
  { inside ping -n -q -c 1 -W "$timeout" -I "$interface" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
done
wait
exit 1
`;
