/** Tools in the plan for Linux, as shell scripts: an administrator may use them, too. */
import { routeProtocol } from '../plan/linux/names.js';
import { script, type RenderedFile } from './file.js';

const daemon = `#!/bin/sh
# Daemons in network namespaces.
#   daemon start NAMESPACE NAME STAMP SECONDS READY COMMAND...
#     STAMP tells what it was started with; READY is a condition, asked inside the namespace, that must hold within SECONDS
#   daemon running NAMESPACE NAME STAMP
#   daemon stop NAMESPACE NAME SECONDS
#     asks it to end, and after SECONDS makes it end
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
action=$1 namespace=$2 name=$3
shift 3
run=\${0%/bin/daemon}
process_file=$run/pid/$namespace.$name
stamp_file=$process_file.stamp
log=$run/log/$namespace.$name.log

# Numbers of processes are used again: ours is one of this namespace.
alive() {
  process=$(cat "$process_file" 2>/dev/null) && ip netns pids "$namespace" 2>/dev/null | grep -q -x "$process"
}

# wait_for SECONDS CONDITION...: fifty looks a second; a client may be waiting
wait_for() {
  looks=$(($1 * 50))
  shift
  until "$@"; do
    [ "$looks" -gt 0 ] || return 1
    looks=$((looks - 1))
    sleep 0.02
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

const gre = `#!/bin/sh
# GRE tunnels, by the kernel where it has them, else by socat: the header that a TUN device puts before a packet is that of GRE, byte for byte (RFC 2784).
#   gre up NAMESPACE INTERFACE LOCAL REMOTE ADDRESS MTU
#   gre down NAMESPACE INTERFACE
#   gre how NAMESPACE INTERFACE        prints which of the two it is
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
daemon=\${0%/gre}/daemon
action=$1 namespace=$2 interface=$3
shift 3

down() {
  ip -n "$namespace" link delete "$interface" 2>/dev/null
  "$daemon" stop "$namespace" "gre-$interface" 2
}

up() {
  local_address=$1 remote=$2 address=$3 mtu=$4
  down
  ip -n "$namespace" link add "$interface" type gre local "$local_address" remote "$remote" ttl 64 2>/dev/null ||
    "$daemon" start "$namespace" "gre-$interface" "$remote" 5 "ip link show dev $interface" \\
      socat "TUN,tun-name=$interface,iff-up" "IP4-DATAGRAM:$remote:47,bind=$local_address,range=$remote/32" || return 1
  ip -n "$namespace" address replace "$address" dev "$interface" &&
    ip -n "$namespace" link set "$interface" up mtu "$mtu"
}

how() {
  if ip -n "$namespace" -d link show dev "$interface" | grep -q ' gre '; then echo "$interface: GRE by the kernel"; else echo "$interface: GRE by socat"; fi
}

"$action" "$@"
`;

const pin = `#!/bin/sh
# Looks up the servers of a provider, as the host does, and lets a container reach them.
#   pin NAMESPACE GATEWAY RULES_FILE HOST PROTOCOL PORT [HOST PROTOCOL PORT]...
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
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

const connect = `#!/bin/sh
# Calls peers with whom there is no connection: charon calls each once, and gives up for good when it is refused.
#   connect SOCKET PEER...
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
socket=$1
shift
while :; do
  for peer; do
    swanctl --list-sas --child "$peer" --uri "$socket" 2>/dev/null | grep -q ' INSTALLED,' ||
      swanctl --initiate --child "$peer" --timeout 3 --uri "$socket" >/dev/null 2>&1
  done
  sleep 1
done
`;

export const tools: readonly RenderedFile[] = [script('bin/daemon', daemon), script('bin/gre', gre), script('bin/pin', pin), script('bin/connect', connect)];
