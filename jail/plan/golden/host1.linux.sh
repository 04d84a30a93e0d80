#!/bin/sh
# host1 on linux: a copy to be read; `vpnjail plan` prints it.

# What stands in single quotes is for another shell.
# shellcheck disable=SC2016

# Usage: up [CONTAINER] | down [CONTAINER] [--purge] | status [CONTAINER]
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
steps=91

# What must be there before anything is changed.
require() {
  [ "$(id -u)" -eq 0 ] || { echo "that takes root: interfaces, rules and routes are changed" >&2; exit 1; }
  missing=''
  for program in /usr/lib/frr/bfdd /usr/lib/frr/bgpd /usr/lib/frr/staticd /usr/lib/frr/zebra cat charon-systemd cmp dd dynvpn env find getent grep install ip ln mkdir nft openvpn ping rm rmdir setsid sh socat ss swanctl sysctl test vpndns wg wireguard-go; do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || { echo "missing:$missing" >&2; exit 1; }
}

# prints TEXT COMMAND...: succeeds when what it prints holds the text.
prints() {
  text=$1
  shift
  output=$("$@" 2>&1) || return 1
  case $output in
    *"$text"*) ;;
    *) return 1 ;;
  esac
}

say() { printf '%-7s  %s\n' "$1" "$title"; }
concerns() { [ -z "$container" ] || [ "$part" = "$container" ]; }
holds() { "test_$1" >/dev/null 2>&1; }

# undo_step NUMBER [purge]: what failed counts only when the step still is done.
undo_step() {
  "about_$1"
  undo=undo_$1
  [ "$2" = no ] || ! command -v "purge_$1" >/dev/null || undo=purge_$1
  if problem=$("$undo" 2>&1) || ! holds "$1"; then say undone; else say stuck; echo "$problem" >&2; stuck=$((stuck + 1)); fi
}

# Once begun, it is not interrupted.
take_back() {
  trap '' INT TERM
  stuck=0
  for number in $made; do undo_step "$number" no; done
  exit 1
}

up() {
  made='' number=0
  trap take_back INT TERM
  while [ "$number" -lt "$steps" ]; do
    number=$((number + 1))
    "about_$number"
    concerns || [ "$part" = host ] || continue
    if holds "$number"; then say already; continue; fi
    made="$number $made"
    if "make_$number" && holds "$number"; then say 'done'; continue; fi
    say failed
    take_back
  done
}

# down PURGE
down() {
  number=$steps stuck=0
  while [ "$number" -gt 0 ]; do
    "about_$number"
    if concerns; then undo_step "$number" "$1"; fi
    number=$((number - 1))
  done
  [ "$stuck" -eq 0 ]
}

status() {
  number=0 missing=0
  while [ "$number" -lt "$steps" ]; do
    number=$((number + 1))
    "about_$number"
    concerns || continue
    if holds "$number"; then say 'done'; else say missing; missing=$((missing + 1)); fi
  done
  [ "$missing" -eq 0 ]
}

text_1() {
  cat <<'END'
# host1: what may pass between its containers and the Internet, by eth0.

table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  # Tells which rules these are.
  chain is_3fbe023445a8 { }

  # What must not be seen on the Internet: networks of the WAN, of its clients, and of their tunnels.
  set inside { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.254.0/24, 100.64.0.0/16, 10.15.0.0/16, 192.168.1.0/24, 192.168.2.0/24, 192.168.3.0/24, 172.16.3.0/24, 192.168.7.0/24 }; }
  # What may be behind this host: it, too, may be on the side of the Internet.
  set here { type ipv4_addr; flags interval; auto-merge; elements = { 192.168.7.0/24 }; }

  # Who may reach the Internet, and which ports there: the router its peers, a VPN its provider.
  set ways { type ipv4_addr . inet_proto . inet_service; elements = { 192.168.1.4 . udp . 500, 192.168.1.4 . udp . 4500, 192.168.1.51 . udp . 1194, 192.168.1.52 . udp . 51820 }; }

  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    # The tunnels of other sites end at the router.
    iifname "eth0" ip saddr { 203.0.113.2, 203.0.113.3 } udp dport { 500, 4500 } dnat ip to 192.168.1.4
  }

  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.1.0/24 ip daddr != @here masquerade
  }

  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname { "bridge0", "bridge1" } oifname "eth0" goto outward
    oifname "eth0" ip saddr @inside goto outward
    oifname "eth0" ip daddr @inside drop
    iifname "eth0" oifname { "bridge0", "bridge1" } goto inward
    # Only the router knows which site serves a shared address.
    iifname "bridge0" oifname "bridge1" ip saddr 192.168.1.0/24 ip saddr != 192.168.1.4 drop
  }

  chain outward {
    ip daddr @here accept
    ip daddr @inside drop
    ct state established,related accept
    ip saddr . meta l4proto . th dport @ways accept
    ip saddr 192.168.1.3 ip daddr { 9.9.9.9 } accept comment "the servers that vpndns asks for the site itself"
    ip saddr { 192.168.1.20 } accept comment "services"
    drop
  }

  chain inward {
    ct state established,related accept
    ct status dnat accept
    ip saddr @here accept
    drop
  }
}
END
}

text_2() {
  cat <<'END'
#!/bin/sh
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
run=${0%/bin/daemon}
process_file=$run/pid/$namespace.$name
stamp_file=$process_file.stamp
log=$run/log/$namespace.$name.log

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
END
}

text_3() {
  cat <<'END'
#!/bin/sh
# GRE tunnels, by the kernel where it has them, else by socat: the header that a TUN device puts before a packet is that of GRE, byte for byte (RFC 2784).
#   gre up NAMESPACE INTERFACE LOCAL REMOTE ADDRESS MTU
#   gre down NAMESPACE INTERFACE
#   gre how NAMESPACE INTERFACE        prints which of the two it is
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
daemon=${0%/gre}/daemon
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
    "$daemon" start "$namespace" "gre-$interface" "$remote" 5 "ip link show dev $interface" \
      socat "TUN,tun-name=$interface,iff-up" "IP4-DATAGRAM:$remote:47,bind=$local_address,range=$remote/32" || return 1
  ip -n "$namespace" address replace "$address" dev "$interface" &&
    ip -n "$namespace" link set "$interface" up mtu "$mtu"
}

how() {
  if ip -n "$namespace" -d link show dev "$interface" | grep -q ' gre '; then echo "$interface: GRE by the kernel"; else echo "$interface: GRE by socat"; fi
}

"$action" "$@"
END
}

text_4() {
  cat <<'END'
#!/bin/sh
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
    ip -n "$namespace" route replace "$address/32" via "$gateway" proto 153
  done
  shift 3
done
ip netns exec "$namespace" nft -f "$rules"
END
}

text_5() {
  cat <<'END'
#!/bin/sh
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
END
}

text_6() {
  cat <<'END'
# For the scripts beside it, which set "scripts", where they are, and "name": what that VPN is, and what they share.
# shellcheck shell=sh disable=SC2034,SC2154 # variables come from the settings, and go to the scripts
# Whoever starts a script may have a PATH of its own, or none.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
run=${scripts%/scripts}
daemon=$run/bin/daemon
directory=$run/vpn/$name
# Where its container is down there is no session: "absent" is the exit code of a script then.
[ -e "$directory/settings" ] || { echo "there is no container of $name" >&2; exit "${absent:-1}"; }
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
      printf 'flush map inet vpnjail resolver\nadd element inet vpnjail resolver { 53 : %s }\n' "$1" >"$directory/known/resolver.nft" &&
      inside nft -f "$directory/known/resolver.nft" || return 1
  fi
  : >"$directory/online"
}

session_down() {
  rm -f "$directory/online" "$directory/known/resolver.nft"
  inside nft flush map inet vpnjail resolver
}
END
}

text_7() {
  cat <<'END'
#!/bin/sh
# vpn-set-online.sh NAME LOCAL_ADDRESS VPN_DIRECTORY SITE GATEWAY: starts the session of a VPN; succeeds when its tunnel stands.
# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set -u
scripts=${0%/*}
name=$1
. "$scripts/session.sh"
require_rules || exit 1
rm -f "$directory/online"
# shellcheck source=/dev/null
. "$scripts/start-$provider.sh"
END
}

text_8() {
  cat <<'END'
#!/bin/sh
# vpn-set-offline.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: ends the session of a VPN; succeeds when there is none. The rules of its container stay.
# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set -u
scripts=${0%/*}
name=$1 absent=0
. "$scripts/session.sh"
"$daemon" stop "$namespace" "$name" 5
ip -n "$namespace" link delete "$interface" 2>/dev/null
session_down
# What wireguard-go leaves when it is killed.
rm -f "/var/run/wireguard/$interface.sock"
rmdir /var/run/wireguard 2>/dev/null
! stands
END
}

text_9() {
  cat <<'END'
#!/bin/sh
# check-pid.sh NAME LOCAL_ADDRESS VPN_DIRECTORY: is there a session? Its interface is gone when its process is.
# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set -u
scripts=${0%/*}
name=$1
. "$scripts/session.sh"
stands
END
}

text_10() {
  cat <<'END'
#!/bin/sh
# vpn-check-online.sh LOCAL_ADDRESS TIMEOUT NAME: does the session carry anything? All targets are pinged at once; the first answer is enough.
# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set -u
scripts=${0%/*}
timeout=$2 name=$3
. "$scripts/session.sh"
trap 'exit 0' USR1
for target in $targets; do
  { inside ping -n -q -c 1 -W "$timeout" -I "$interface" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
done
wait
exit 1
END
}

text_11() {
  cat <<'END'
# For vpn-set-online.sh: OpenVPN, with the provider's configuration. Addresses and routes are not what the provider says:
# openvpn-hook.sh sets them.
# shellcheck shell=sh disable=SC2154
"$daemon" start "$namespace" "$name" session 60 "[ -e '$directory/online' ]" \
  openvpn --cd "$(dirname "$configuration")" --config "$configuration" --dev "$interface" --dev-type tun \
  --route-noexec --ifconfig-noexec --script-security 2 --up-restart \
  --up "$scripts/openvpn-hook.sh $name" --down "$scripts/openvpn-hook.sh $name"
END
}

text_12() {
  cat <<'END'
#!/bin/sh
# openvpn-hook.sh NAME ...: what OpenVPN runs in the container when its tunnel stands, and when it goes. In the environment: script_type, dev,
# ifconfig_local, ifconfig_netmask or ifconfig_remote, route_vpn_gateway, tun_mtu, foreign_option_1 ...
# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set -eu
scripts=${0%/*}
name=$1
. "$scripts/session.sh"

# The provider's resolver: what the site file says, else what the provider says, else the far end of the tunnel.
resolver_of_session() {
  pushed=$(env | sed -n 's/^foreign_option_[0-9]*=dhcp-option DNS \([0-9.]*\)$/\1/p' | head -n 1)
  echo "${resolver:-${pushed:-${route_vpn_gateway:-}}}"
}

case $script_type in
  up)
    require_rules
    ip -n "$namespace" address flush dev "$dev"
    if [ -n "${ifconfig_remote:-}" ]; then
      ip -n "$namespace" address add "$ifconfig_local" peer "$ifconfig_remote" dev "$dev"
    else
      ip -n "$namespace" address add "$ifconfig_local/$ifconfig_netmask" dev "$dev"
    fi
    ip -n "$namespace" link set "$dev" up mtu "${tun_mtu:-1500}"
    session_up "$(resolver_of_session)"
    ;;
  down) session_down ;;
esac
END
}

text_13() {
  cat <<'END'
# For vpn-set-online.sh: WireGuard, with the provider's configuration (that of wg-quick, whose commands are not run).
# shellcheck shell=sh disable=SC2154
# value WORD: all that the configuration says to it, a line each
value() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//Ip" "$configuration" | tr -d ' \t\r' | tr ',' '\n'; }
first_address() { value "$1" | grep -E -m 1 '^[0-9.]+(/[0-9]+)?$'; }

bring_up() {
  ip -n "$namespace" link add "$interface" type wireguard 2>/dev/null ||
    "$daemon" start "$namespace" "$name" session 10 "[ -S '/var/run/wireguard/$interface.sock' ]" wireguard-go -f "$interface" || return 1
  mtu=$(value MTU)
  sed -E '/^[[:space:]]*(Address|DNS|MTU|Table|PreUp|PostUp|PreDown|PostDown|SaveConfig)[[:space:]]*=/Id' "$configuration" | inside wg setconf "$interface" /dev/stdin &&
    ip -n "$namespace" address replace "$(first_address Address)" dev "$interface" &&
    ip -n "$namespace" link set "$interface" up mtu "${mtu:-1420}" &&
    session_up "${resolver:-$(first_address DNS)}"
}

bring_up || {
  "$daemon" stop "$namespace" "$name" 2
  ip -n "$namespace" link delete "$interface" 2>/dev/null
  exit 1
}
END
}

text_14() {
  cat <<'END'
# host1: the DNS server, which asks for each client by the VPN that carries its traffic.
# Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.

. {
    bind 192.168.1.3 127.0.0.1

    acl {
        # Clients of a VPN ask by way of its container. From one that comes here by itself nothing is taken: it would be asked for outside its VPN.
        block net 10.0.254.0/24 10.15.0.0/16
        block net 192.168.7.0/24 # guests
        allow net 192.168.1.0/24 127.0.0.1
        drop
    }

    static /etc/vpncore/static.txt

    blocklist {
        dir /etc/vpncore/blocklists
        exceptions /var/lib/vpncore/host1/vpndns/exceptions.json
    }

    # Private names are no provider's business.
    local
    cache

    source-policy-forward {
        # Zones of our own, whoever asks.
        zone corp.example to 192.168.1.20

        # A VPN's questions go back into its container, and from there into its tunnel. Without a session they go nowhere: SERVFAIL.
        identity 192.168.1.51 # vpn1, dynvpn1
        identity 192.168.1.52 # vpn2, dynvpn2

        # The site itself, which has no VPN.
        from 192.168.1.0/24 127.0.0.1 to 9.9.9.9
    }

    # Only from inside the container: exceptions, reloads, explanations, metrics.
    http-admin 127.0.0.1:8080
    health 127.0.0.1:8080
    ready 127.0.0.1:8080
    prometheus 127.0.0.1:9153

    # Who asked what is written down only where something went wrong.
    errors {
        consolidate 1m "no answer|timed out|unreachable" warning
    }
    log {
        class error
    }
    reload 10s 0s
}
END
}

text_15() {
  cat <<'END'
# host1: the HA daemon, which keeps each VPN online at one site.
# Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.

host1 {
    config global.yml local.yml {
        state /var/lib/vpncore/host1/ipsec
    }
    vpn-script /run/vpncore/host1/scripts
    route iproute

    peers {
        secret /etc/vpncore/peers.secret
        # A router may speak with the address of a link rather than its own.
        allow 192.168.1.4 192.168.2.4 192.168.3.4 100.64.0.0/16
    }

    # Only from inside the container.
    http-api 127.0.0.1:8080
    health 127.0.0.1:8080
    ready 127.0.0.1:8080
    prometheus 127.0.0.1:9153

    errors
    log {
        class failure
    }
    reload 10s 0s
}
END
}

text_16() {
  cat <<'END'
# The WAN, for the HA daemons: the same at every site. Made by vpnjail.

# The VPN with the number N is called dynvpnN; its sites, the first choice first.
replica_priority:
    dynvpn1: [host1, host2, host3]
    dynvpn2: [host2, host3, host1]

vpn_anycast_addr_base: 10.0.254.50

sites:
    host1:
        peer_addr: 192.168.1.4
        peer_port: 5000
        gateway_addr: 192.168.1.1
        vpn_local_addr_base: 192.168.1.50
        vpn: [1, 2]
    host2:
        peer_addr: 192.168.2.4
        peer_port: 5000
        gateway_addr: 192.168.2.1
        vpn_local_addr_base: 192.168.2.50
        vpn: [1, 2]
    host3:
        peer_addr: 192.168.3.4
        peer_port: 5000
        gateway_addr: 192.168.3.1
        vpn_local_addr_base: 192.168.3.50
        vpn: [1, 2]
END
}

text_17() {
  cat <<'END'
# host1: for its HA daemon alone.
# Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.

site_id: host1
local_vpn_dir: /run/vpncore/host1/vpn

# Auto: whoever does not have a VPN is ready to take it. Manual: only when told to. Disabled: never.
replica_mode: Auto

# Times are seconds.
local_vpn_check_interval: 10
local_vpn_check_timeout: 3
local_vpn_check_retries: 1
online_check_delay: 2
default_timeout: 30
pull_interval: 5
pull_timeout: 2
pull_retries: 2

# Restarts of a session before it counts as failed; -1 is without end. Then, once another site has it, the time until it is a replica again.
failure_retries: 2
failed_status_timeout: 300
END
}

text_18() {
  cat <<'END'
! host1: its router. Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.
frr defaults traditional
hostname host1
log stdout informational
!
! What each site owns: its network, its prefixes, and the addresses of VPNs that it can run.
ip prefix-list of-host2 seq 5 permit 192.168.2.0/24
ip prefix-list of-host2 seq 10 permit 10.0.254.51/32
ip prefix-list of-host2 seq 15 permit 10.0.254.52/32
bgp as-path access-list from-host2 seq 5 permit (^|_)64602$
ip prefix-list of-host3 seq 5 permit 192.168.3.0/24
ip prefix-list of-host3 seq 10 permit 172.16.3.0/24
ip prefix-list of-host3 seq 15 permit 10.0.254.51/32
ip prefix-list of-host3 seq 20 permit 10.0.254.52/32
bgp as-path access-list from-host3 seq 5 permit (^|_)64603$
ip prefix-list own seq 5 permit 192.168.1.0/24
ip prefix-list own seq 10 permit 10.0.254.51/32
ip prefix-list own seq 15 permit 10.0.254.52/32
bgp as-path access-list here seq 5 permit ^$
ip prefix-list vpns seq 5 permit 10.0.254.51/32
ip prefix-list vpns seq 10 permit 10.0.254.52/32
!
! What is believed: a route that ends at the site that owns it, whoever hands it on.
route-map believed permit 10
 match ip address prefix-list of-host2
 match as-path from-host2
exit
route-map believed permit 20
 match ip address prefix-list of-host3
 match as-path from-host3
exit
! What is told: the same, and what is our own.
route-map told permit 5
 match ip address prefix-list own
 match as-path here
exit
route-map told permit 10
 match ip address prefix-list of-host2
 match as-path from-host2
exit
route-map told permit 20
 match ip address prefix-list of-host3
 match as-path from-host3
exit
! The routes of VPNs that are online here, as dynvpn puts them in place.
route-map online permit 10
 match ip address prefix-list vpns
exit
!
! What the router itself sends has an address that every site knows the way to.
route-map source permit 10
 set src 192.168.1.4
exit
ip protocol bgp route-map source
!
router bgp 64601
 bgp router-id 192.168.1.4
 bgp log-neighbor-changes
 ! Both directions have route-maps, below.
 no bgp ebgp-requires-policy
 no bgp network import-check
 ! Of two sites that both have a VPN, the one that got it last has the lower metric: the fencing token, which dynvpn puts into the route.
 bgp always-compare-med
 bgp bestpath med missing-as-worst
 coalesce-time 10
 neighbor sites peer-group
 neighbor sites timers 3 9
 neighbor sites timers connect 1
 neighbor sites advertisement-interval 0
 ! Who is not at the other end of a link is not heard (RFC 5082).
 neighbor sites ttl-security hops 1
 neighbor sites bfd
 neighbor sites bfd profile link
 neighbor 100.64.0.1 remote-as 64602
 neighbor 100.64.0.1 peer-group sites
 neighbor 100.64.0.1 description host2
 neighbor 100.64.0.3 remote-as 64603
 neighbor 100.64.0.3 peer-group sites
 neighbor 100.64.0.3 description host3
 address-family ipv4 unicast
  network 192.168.1.0/24
  redistribute kernel route-map online
  redistribute static route-map online
  maximum-paths 1
  neighbor sites route-map believed in
  neighbor sites route-map told out
 exit-address-family
exit
!
! A link counts as lost after 500 ms of silence.
bfd
 profile link
  detect-multiplier 5
  transmit-interval 100
  receive-interval 100
 exit
exit
END
}

text_19() {
  cat <<'END'
# host1: strongSwan's daemon (strongswan.conf(5)).
# Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.

charon-systemd {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints revocation hmac sha1 sha2 aes gcm kdf curve25519 socket-default vici kernel-netlink
    # Routes are the business of BGP.
    install_routes = no
    install_virtual_ip = no

    # A peer that does not answer is given up after 4 s, and called anew.
    retransmit_tries = 3
    retransmit_timeout = 1.0
    retransmit_base = 1.0

    filelog {
        stderr {
            default = 1
            time_format = %b %e %T
            flush_line = yes
        }
    }
    plugins {
        vici {
            socket = unix:///run/vpncore/host1/strongswan/vici
        }
    }
}

swanctl {
    plugins {
        vici {
            socket = unix:///run/vpncore/host1/strongswan/vici
        }
    }
}
END
}

text_20() {
  cat <<'END'
# host1: its peers (swanctl.conf(5)).
# Made by vpnjail from /etc/vpncore/host1.yml; what is changed here lasts until it is made again.
# The private key is the one in the directory private/ beside this file.

connections {
    host2 {
        version = 2
        local_addrs = 192.168.1.4
        remote_addrs = 203.0.113.2
        proposals = aes256gcm16-prfsha384-x25519, aes256gcm16-prfsha384-ecp384
        # ESP in UDP always: the router is behind the address of its host.
        encap = yes
        mobike = no
        dpd_delay = 5s
        keyingtries = 0
        unique = replace
        rekey_time = 4h
        local {
            auth = pubkey
            certs = /etc/vpncore/host1.crt
            id = host1.example.net
        }
        remote {
            auth = pubkey
            id = host2.example.net
            cacerts = /etc/vpncore/wan-ca.crt
        }
        children {
            host2 {
                # Whatever is routed into to-host2.
                local_ts = 0.0.0.0/0
                remote_ts = 0.0.0.0/0
                if_id_in = 1
                if_id_out = 1
                esp_proposals = aes256gcm16-x25519
                rekey_time = 1h
                # Both begin. A site that is not known there yet, and is refused, is called when it is.
                start_action = start
                dpd_action = restart
            }
        }
    }
    host3 {
        version = 2
        local_addrs = 192.168.1.4
        remote_addrs = 203.0.113.3
        proposals = aes256gcm16-prfsha384-x25519, aes256gcm16-prfsha384-ecp384
        # ESP in UDP always: the router is behind the address of its host.
        encap = yes
        mobike = no
        dpd_delay = 5s
        keyingtries = 0
        unique = replace
        rekey_time = 4h
        local {
            auth = pubkey
            certs = /etc/vpncore/host1.crt
            id = host1.example.net
        }
        remote {
            auth = pubkey
            id = host3.example.net
            cacerts = /etc/vpncore/wan-ca.crt
        }
        children {
            host3 {
                # Whatever is routed into to-host3.
                local_ts = 0.0.0.0/0
                remote_ts = 0.0.0.0/0
                if_id_in = 2
                if_id_out = 2
                esp_proposals = aes256gcm16-x25519
                rekey_time = 1h
                # Both begin. A site that is not known there yet, and is refused, is called when it is.
                start_action = start
                dpd_action = restart
            }
        }
    }
}

authorities {
    wan {
        cacert = /etc/vpncore/wan-ca.crt
    }
}
END
}

text_21() {
  cat <<'END'
nameserver 192.168.1.3
END
}

text_22() {
  cat <<'END'
# host1, vpn1: who is served by dynvpn1 gets out by it or not at all.
# In force before any session and after it.

table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  # Tells which rules these are.
  chain is_b62c89af3c14 { }

  # The provider's servers: all of the Internet that the container itself may reach.
  set servers { type ipv4_addr . inet_proto . inet_service; elements = { 198.51.100.17 . udp . 1194 }; }
  # Where the WAN is; other addresses are not spoken to, on this side.
  set wan { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.254.0/24, 100.64.0.0/16, 10.15.0.0/16, 192.168.1.0/24, 192.168.2.0/24, 192.168.3.0/24, 172.16.3.0/24, 192.168.7.0/24, 172.16.3.0/24 }; }
  # Who may ask the provider's resolver, by way of port 53 of this container.
  set dns_users { type ipv4_addr; flags interval; auto-merge; elements = { 192.168.1.3, 192.168.0.0/16, 172.16.0.0/12 }; }
  # Whom clients ask: they are led to the DNS server beside us, wherever their VPN is.
  set asked { type ipv4_addr; elements = { 10.0.254.3, 192.168.1.3, 192.168.2.3, 192.168.3.3 }; }
  # Resolvers on the Internet that clients must not reach.
  set blocked { type ipv4_addr; flags interval; auto-merge; elements = { 8.8.8.8/32, 8.8.4.4/32, 1.1.1.1/32, 1.0.0.1/32, 9.9.9.9/32 }; }
  # The far ends of clients' tunnels.
  set endpoints { type ipv4_addr; elements = { 172.16.3.2 }; }
  # The provider's resolver, as long as there is a session.
  map resolver { type inet_service : ipv4_addr; }

  chain clients {
    type filter hook prerouting priority raw; policy accept;
    iifname "client1" ip saddr != { 10.15.0.4/30 } drop comment "laptop"
  }

  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "client*" ip daddr @asked meta l4proto { tcp, udp } th dport 53 dnat ip to 192.168.1.3
    iifname { "eth0", "eth1" } ip saddr @dns_users ip daddr { 192.168.1.51, 10.0.254.51 } meta l4proto { tcp, udp } dnat ip to th dport map @resolver
  }

  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    # By this address the DNS server knows which VPN a client has.
    oifname "eth0" ip daddr 192.168.1.3 meta l4proto { tcp, udp } th dport 53 ct status dnat snat ip to 192.168.1.51
    # Not a fixed address: flows that never pause find their way when the session comes back with another.
    oifname "vpn1-host1" masquerade
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    tcp flags syn tcp option maxseg size set rt mtu
    # Questions of clients to the DNS server, and its answers.
    iifname "client*" oifname "eth0" ip daddr 192.168.1.3 meta l4proto { tcp, udp } th dport 53 ct status dnat accept
    iifname "eth0" oifname "client*" ip saddr 192.168.1.3 ct state established,related ct status dnat accept
    # Other resolvers are refused, at once.
    iifname "client*" meta l4proto tcp th dport 53 reject with tcp reset
    iifname "client*" meta l4proto udp th dport 53 reject
    iifname "client*" ip daddr @blocked reject
    # All else of clients goes by the session.
    iifname "client*" oifname "vpn1-host1" accept
    iifname "vpn1-host1" oifname "client*" ct state established,related accept
    # Questions to the provider's resolver, and its answers.
    iifname { "eth0", "eth1" } oifname "vpn1-host1" meta l4proto { tcp, udp } th dport 53 ct status dnat accept
    iifname "vpn1-host1" oifname { "eth0", "eth1" } ct state established,related ct status dnat accept
  }

  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    iifname { "eth0", "eth1" } ip saddr @endpoints ip daddr 10.0.254.51 meta l4proto gre accept
    iifname { "eth0", "eth1" } ip saddr @wan icmp type echo-request accept
    iifname "client*" icmp type echo-request accept
    # Without a session, who asks for a name is told so.
    iifname { "eth0", "eth1" } ip saddr @dns_users meta l4proto { tcp, udp } th dport 53 reject
  }

  chain output {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    oifname "eth0" ip daddr . meta l4proto . th dport @servers accept
    oifname { "eth0", "eth1" } ip saddr 10.0.254.51 ip daddr @endpoints meta l4proto gre accept
    oifname { "eth0", "eth1" } ip daddr @wan ct state established,related accept
    oifname "client*" accept
    # Checks.
    oifname "vpn1-host1" icmp type echo-request accept
  }
}

include "/run/vpncore/host1/vpn/dynvpn1/known/*.nft"
END
}

text_23() {
  cat <<'END'
# dynvpn1 at host1: for the scripts of its HA daemon.
namespace=host1-vpn1
provider=openvpn
configuration=/etc/vpncore/provider-a/amsterdam.ovpn
interface=vpn1-host1
rules=is_b62c89af3c14
resolver=''
targets='1.1.1.1 8.8.8.8'
END
}

text_24() {
  cat <<'END'
# Nothing in this container asks for names: a query would leave by the wrong way. The names of the servers that it may reach stand in hosts.
END
}

text_25() {
  cat <<'END'
table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  chain input { type filter hook input priority filter; policy drop; }
  chain forward { type filter hook forward priority filter; policy drop; }
  chain output { type filter hook output priority filter; policy drop; }
}
END
}

text_26() {
  cat <<'END'
# host1, vpn2: who is served by dynvpn2 gets out by it or not at all.
# In force before any session and after it.

table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  # Tells which rules these are.
  chain is_2ac45f511595 { }

  # The provider's servers: all of the Internet that the container itself may reach.
  set servers { type ipv4_addr . inet_proto . inet_service; }
  # Where the WAN is; other addresses are not spoken to, on this side.
  set wan { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.254.0/24, 100.64.0.0/16, 10.15.0.0/16, 192.168.1.0/24, 192.168.2.0/24, 192.168.3.0/24, 172.16.3.0/24, 192.168.7.0/24, 172.16.3.0/24 }; }
  # Who may ask the provider's resolver, by way of port 53 of this container.
  set dns_users { type ipv4_addr; flags interval; auto-merge; elements = { 192.168.1.3, 192.168.0.0/16, 172.16.0.0/12 }; }
  # Whom clients ask: they are led to the DNS server beside us, wherever their VPN is.
  set asked { type ipv4_addr; elements = { 10.0.254.3, 192.168.1.3, 192.168.2.3, 192.168.3.3 }; }
  # Resolvers on the Internet that clients must not reach.
  set blocked { type ipv4_addr; flags interval; auto-merge; elements = { 8.8.8.8/32, 8.8.4.4/32, 1.1.1.1/32, 1.0.0.1/32, 9.9.9.9/32 }; }
  # The far ends of clients' tunnels.
  set endpoints { type ipv4_addr; elements = { 192.168.1.4 }; }
  # The provider's resolver, as long as there is a session.
  map resolver { type inet_service : ipv4_addr; }

  chain clients {
    type filter hook prerouting priority raw; policy accept;
    iifname "client2" ip saddr != { 10.15.0.8/30, 192.168.7.0/24 } drop comment "guests"
  }

  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "client*" ip daddr @asked meta l4proto { tcp, udp } th dport 53 dnat ip to 192.168.1.3
    iifname { "eth0", "eth1" } ip saddr @dns_users ip daddr { 192.168.1.52, 10.0.254.52 } meta l4proto { tcp, udp } dnat ip to th dport map @resolver
  }

  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    # By this address the DNS server knows which VPN a client has.
    oifname "eth0" ip daddr 192.168.1.3 meta l4proto { tcp, udp } th dport 53 ct status dnat snat ip to 192.168.1.52
    # Not a fixed address: flows that never pause find their way when the session comes back with another.
    oifname "vpn2-host1" masquerade
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    tcp flags syn tcp option maxseg size set rt mtu
    # Questions of clients to the DNS server, and its answers.
    iifname "client*" oifname "eth0" ip daddr 192.168.1.3 meta l4proto { tcp, udp } th dport 53 ct status dnat accept
    iifname "eth0" oifname "client*" ip saddr 192.168.1.3 ct state established,related ct status dnat accept
    # Other resolvers are refused, at once.
    iifname "client*" meta l4proto tcp th dport 53 reject with tcp reset
    iifname "client*" meta l4proto udp th dport 53 reject
    iifname "client*" ip daddr @blocked reject
    # All else of clients goes by the session.
    iifname "client*" oifname "vpn2-host1" accept
    iifname "vpn2-host1" oifname "client*" ct state established,related accept
    # Questions to the provider's resolver, and its answers.
    iifname { "eth0", "eth1" } oifname "vpn2-host1" meta l4proto { tcp, udp } th dport 53 ct status dnat accept
    iifname "vpn2-host1" oifname { "eth0", "eth1" } ct state established,related ct status dnat accept
  }

  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    iifname { "eth0", "eth1" } ip saddr @endpoints ip daddr 10.0.254.52 meta l4proto gre accept
    iifname { "eth0", "eth1" } ip saddr @wan icmp type echo-request accept
    iifname "client*" icmp type echo-request accept
    # Without a session, who asks for a name is told so.
    iifname { "eth0", "eth1" } ip saddr @dns_users meta l4proto { tcp, udp } th dport 53 reject
  }

  chain output {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    oifname "eth0" ip daddr . meta l4proto . th dport @servers accept
    oifname { "eth0", "eth1" } ip saddr 10.0.254.52 ip daddr @endpoints meta l4proto gre accept
    oifname { "eth0", "eth1" } ip daddr @wan ct state established,related accept
    oifname "client*" accept
    # Checks.
    oifname "vpn2-host1" icmp type echo-request accept
  }
}

include "/run/vpncore/host1/vpn/dynvpn2/known/*.nft"
END
}

text_27() {
  cat <<'END'
# dynvpn2 at host1: for the scripts of its HA daemon.
namespace=host1-vpn2
provider=wireguard
configuration=/etc/vpncore/provider-b/oslo.conf
interface=vpn2-host1
rules=is_2ac45f511595
resolver=''
targets='1.1.1.1 8.8.8.8'
END
}

# host: the directory /run/vpncore/host1, for files, process ids and logs
about_1() { part=host title='host: the directory /run/vpncore/host1, for files, process ids and logs'; }
test_1() {
  test -e /run/vpncore/host1/.vpnjail
}
make_1() {
  { rmdir /run/vpncore/host1 >/dev/null 2>&1 || :; } &&
  mkdir -p /run/vpncore &&
  mkdir -m 0755 /run/vpncore/host1 &&
  mkdir /run/vpncore/host1/pid /run/vpncore/host1/log &&
  install -m 0644 /dev/null /run/vpncore/host1/.vpnjail
}
undo_1() {
  failed=no
  sh -c '[ ! -e "$2" ] || rm -r "$1"' sh /run/vpncore/host1 /run/vpncore/host1/.vpnjail || failed=yes
  { rmdir /run/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# host: directories in /var/lib/vpncore/host1, for what must outlive it
about_2() { part=host title='host: directories in /var/lib/vpncore/host1, for what must outlive it'; }
test_2() {
  test -d /var/lib/vpncore/host1/ipsec &&
  test -d /var/lib/vpncore/host1/vpndns
}
make_2() {
  install -d -m 0700 /var/lib/vpncore/host1/ipsec /var/lib/vpncore/host1/vpndns
}
undo_2() {
  failed=no
  { rmdir /var/lib/vpncore/host1/ipsec /var/lib/vpncore/host1/vpndns >/dev/null 2>&1 || :; }
  { rmdir /var/lib/vpncore/host1 >/dev/null 2>&1 || :; }
  { rmdir /var/lib/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}
purge_2() {
  failed=no
  rm -r -f /var/lib/vpncore/host1 || failed=yes
  { rmdir /var/lib/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# host: the directory /run/vpncore/host1/frr, for the user frr
about_3() { part=host title='host: the directory /run/vpncore/host1/frr, for the user frr'; }
test_3() {
  prints /run/vpncore/host1/frr find /run/vpncore/host1/frr -maxdepth 0 -user frr
}
make_3() {
  install -d -m 0750 -o frr -g frr /run/vpncore/host1/frr
}
undo_3() {
  failed=no
  rm -r -f /run/vpncore/host1/frr || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/host/rules.nft
about_4() { part=host title='host: the file /run/vpncore/host1/host/rules.nft'; }
test_4() {
  text_1 | cmp -s - /run/vpncore/host1/host/rules.nft
}
make_4() {
  install -D -m 0644 /dev/null /run/vpncore/host1/host/rules.nft &&
  text_1 | dd of=/run/vpncore/host1/host/rules.nft status=none
}
undo_4() {
  failed=no
  rm -f /run/vpncore/host1/host/rules.nft || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/bin/daemon
about_5() { part=host title='host: the file /run/vpncore/host1/bin/daemon'; }
test_5() {
  text_2 | cmp -s - /run/vpncore/host1/bin/daemon
}
make_5() {
  install -D -m 0755 /dev/null /run/vpncore/host1/bin/daemon &&
  text_2 | dd of=/run/vpncore/host1/bin/daemon status=none
}
undo_5() {
  failed=no
  rm -f /run/vpncore/host1/bin/daemon || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/bin/gre
about_6() { part=host title='host: the file /run/vpncore/host1/bin/gre'; }
test_6() {
  text_3 | cmp -s - /run/vpncore/host1/bin/gre
}
make_6() {
  install -D -m 0755 /dev/null /run/vpncore/host1/bin/gre &&
  text_3 | dd of=/run/vpncore/host1/bin/gre status=none
}
undo_6() {
  failed=no
  rm -f /run/vpncore/host1/bin/gre || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/bin/pin
about_7() { part=host title='host: the file /run/vpncore/host1/bin/pin'; }
test_7() {
  text_4 | cmp -s - /run/vpncore/host1/bin/pin
}
make_7() {
  install -D -m 0755 /dev/null /run/vpncore/host1/bin/pin &&
  text_4 | dd of=/run/vpncore/host1/bin/pin status=none
}
undo_7() {
  failed=no
  rm -f /run/vpncore/host1/bin/pin || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/bin/connect
about_8() { part=host title='host: the file /run/vpncore/host1/bin/connect'; }
test_8() {
  text_5 | cmp -s - /run/vpncore/host1/bin/connect
}
make_8() {
  install -D -m 0755 /dev/null /run/vpncore/host1/bin/connect &&
  text_5 | dd of=/run/vpncore/host1/bin/connect status=none
}
undo_8() {
  failed=no
  rm -f /run/vpncore/host1/bin/connect || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/session.sh
about_9() { part=host title='host: the file /run/vpncore/host1/scripts/session.sh'; }
test_9() {
  text_6 | cmp -s - /run/vpncore/host1/scripts/session.sh
}
make_9() {
  install -D -m 0644 /dev/null /run/vpncore/host1/scripts/session.sh &&
  text_6 | dd of=/run/vpncore/host1/scripts/session.sh status=none
}
undo_9() {
  failed=no
  rm -f /run/vpncore/host1/scripts/session.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/vpn-set-online.sh
about_10() { part=host title='host: the file /run/vpncore/host1/scripts/vpn-set-online.sh'; }
test_10() {
  text_7 | cmp -s - /run/vpncore/host1/scripts/vpn-set-online.sh
}
make_10() {
  install -D -m 0755 /dev/null /run/vpncore/host1/scripts/vpn-set-online.sh &&
  text_7 | dd of=/run/vpncore/host1/scripts/vpn-set-online.sh status=none
}
undo_10() {
  failed=no
  rm -f /run/vpncore/host1/scripts/vpn-set-online.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/vpn-set-offline.sh
about_11() { part=host title='host: the file /run/vpncore/host1/scripts/vpn-set-offline.sh'; }
test_11() {
  text_8 | cmp -s - /run/vpncore/host1/scripts/vpn-set-offline.sh
}
make_11() {
  install -D -m 0755 /dev/null /run/vpncore/host1/scripts/vpn-set-offline.sh &&
  text_8 | dd of=/run/vpncore/host1/scripts/vpn-set-offline.sh status=none
}
undo_11() {
  failed=no
  rm -f /run/vpncore/host1/scripts/vpn-set-offline.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/check-pid.sh
about_12() { part=host title='host: the file /run/vpncore/host1/scripts/check-pid.sh'; }
test_12() {
  text_9 | cmp -s - /run/vpncore/host1/scripts/check-pid.sh
}
make_12() {
  install -D -m 0755 /dev/null /run/vpncore/host1/scripts/check-pid.sh &&
  text_9 | dd of=/run/vpncore/host1/scripts/check-pid.sh status=none
}
undo_12() {
  failed=no
  rm -f /run/vpncore/host1/scripts/check-pid.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/vpn-check-online.sh
about_13() { part=host title='host: the file /run/vpncore/host1/scripts/vpn-check-online.sh'; }
test_13() {
  text_10 | cmp -s - /run/vpncore/host1/scripts/vpn-check-online.sh
}
make_13() {
  install -D -m 0755 /dev/null /run/vpncore/host1/scripts/vpn-check-online.sh &&
  text_10 | dd of=/run/vpncore/host1/scripts/vpn-check-online.sh status=none
}
undo_13() {
  failed=no
  rm -f /run/vpncore/host1/scripts/vpn-check-online.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/start-openvpn.sh
about_14() { part=host title='host: the file /run/vpncore/host1/scripts/start-openvpn.sh'; }
test_14() {
  text_11 | cmp -s - /run/vpncore/host1/scripts/start-openvpn.sh
}
make_14() {
  install -D -m 0644 /dev/null /run/vpncore/host1/scripts/start-openvpn.sh &&
  text_11 | dd of=/run/vpncore/host1/scripts/start-openvpn.sh status=none
}
undo_14() {
  failed=no
  rm -f /run/vpncore/host1/scripts/start-openvpn.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/openvpn-hook.sh
about_15() { part=host title='host: the file /run/vpncore/host1/scripts/openvpn-hook.sh'; }
test_15() {
  text_12 | cmp -s - /run/vpncore/host1/scripts/openvpn-hook.sh
}
make_15() {
  install -D -m 0755 /dev/null /run/vpncore/host1/scripts/openvpn-hook.sh &&
  text_12 | dd of=/run/vpncore/host1/scripts/openvpn-hook.sh status=none
}
undo_15() {
  failed=no
  rm -f /run/vpncore/host1/scripts/openvpn-hook.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/scripts/start-wireguard.sh
about_16() { part=host title='host: the file /run/vpncore/host1/scripts/start-wireguard.sh'; }
test_16() {
  text_13 | cmp -s - /run/vpncore/host1/scripts/start-wireguard.sh
}
make_16() {
  install -D -m 0644 /dev/null /run/vpncore/host1/scripts/start-wireguard.sh &&
  text_13 | dd of=/run/vpncore/host1/scripts/start-wireguard.sh status=none
}
undo_16() {
  failed=no
  rm -f /run/vpncore/host1/scripts/start-wireguard.sh || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/vpndns/Corefile
about_17() { part=host title='host: the file /run/vpncore/host1/vpndns/Corefile'; }
test_17() {
  text_14 | cmp -s - /run/vpncore/host1/vpndns/Corefile
}
make_17() {
  install -D -m 0644 /dev/null /run/vpncore/host1/vpndns/Corefile &&
  text_14 | dd of=/run/vpncore/host1/vpndns/Corefile status=none
}
undo_17() {
  failed=no
  rm -f /run/vpncore/host1/vpndns/Corefile || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/dynvpn/Dynvpnfile
about_18() { part=host title='host: the file /run/vpncore/host1/dynvpn/Dynvpnfile'; }
test_18() {
  text_15 | cmp -s - /run/vpncore/host1/dynvpn/Dynvpnfile
}
make_18() {
  install -D -m 0644 /dev/null /run/vpncore/host1/dynvpn/Dynvpnfile &&
  text_15 | dd of=/run/vpncore/host1/dynvpn/Dynvpnfile status=none
}
undo_18() {
  failed=no
  rm -f /run/vpncore/host1/dynvpn/Dynvpnfile || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/dynvpn/global.yml
about_19() { part=host title='host: the file /run/vpncore/host1/dynvpn/global.yml'; }
test_19() {
  text_16 | cmp -s - /run/vpncore/host1/dynvpn/global.yml
}
make_19() {
  install -D -m 0644 /dev/null /run/vpncore/host1/dynvpn/global.yml &&
  text_16 | dd of=/run/vpncore/host1/dynvpn/global.yml status=none
}
undo_19() {
  failed=no
  rm -f /run/vpncore/host1/dynvpn/global.yml || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/dynvpn/local.yml
about_20() { part=host title='host: the file /run/vpncore/host1/dynvpn/local.yml'; }
test_20() {
  text_17 | cmp -s - /run/vpncore/host1/dynvpn/local.yml
}
make_20() {
  install -D -m 0644 /dev/null /run/vpncore/host1/dynvpn/local.yml &&
  text_17 | dd of=/run/vpncore/host1/dynvpn/local.yml status=none
}
undo_20() {
  failed=no
  rm -f /run/vpncore/host1/dynvpn/local.yml || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/frr/frr.conf
about_21() { part=host title='host: the file /run/vpncore/host1/frr/frr.conf'; }
test_21() {
  text_18 | cmp -s - /run/vpncore/host1/frr/frr.conf
}
make_21() {
  install -D -m 0640 -o frr -g frr /dev/null /run/vpncore/host1/frr/frr.conf &&
  text_18 | dd of=/run/vpncore/host1/frr/frr.conf status=none
}
undo_21() {
  failed=no
  rm -f /run/vpncore/host1/frr/frr.conf || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/strongswan/strongswan.conf
about_22() { part=host title='host: the file /run/vpncore/host1/strongswan/strongswan.conf'; }
test_22() {
  text_19 | cmp -s - /run/vpncore/host1/strongswan/strongswan.conf
}
make_22() {
  install -D -m 0644 /dev/null /run/vpncore/host1/strongswan/strongswan.conf &&
  text_19 | dd of=/run/vpncore/host1/strongswan/strongswan.conf status=none
}
undo_22() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/strongswan.conf || failed=yes
  [ "$failed" = no ]
}

# host: the file /run/vpncore/host1/strongswan/swanctl.conf
about_23() { part=host title='host: the file /run/vpncore/host1/strongswan/swanctl.conf'; }
test_23() {
  text_20 | cmp -s - /run/vpncore/host1/strongswan/swanctl.conf
}
make_23() {
  install -D -m 0644 /dev/null /run/vpncore/host1/strongswan/swanctl.conf &&
  text_20 | dd of=/run/vpncore/host1/strongswan/swanctl.conf status=none
}
undo_23() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/swanctl.conf || failed=yes
  [ "$failed" = no ]
}

# host: what may pass between its containers and the Internet
about_24() { part=host title='host: what may pass between its containers and the Internet'; }
test_24() {
  nft list chain inet vpnjail is_3fbe023445a8
}
make_24() {
  nft -f /run/vpncore/host1/host/rules.nft
}
undo_24() {
  failed=no
  sh -c '[ -n "$(ip link show group "$1")" ] || nft delete table inet vpnjail' sh 5053 || failed=yes
  [ "$failed" = no ]
}

# host: bridge0, for all containers
about_25() { part=host title='host: bridge0, for all containers'; }
test_25() {
  prints bridge0 ip link show dev bridge0 group 5053 &&
  prints 'inet 192.168.1.1/24 ' ip -4 address show dev bridge0 up &&
  prints '2
1' sysctl -n net.ipv4.conf.bridge0.rp_filter net.ipv4.conf.bridge0.forwarding
}
make_25() {
  { ip link add bridge0 group 5053 type bridge >/dev/null 2>&1 || :; } &&
  prints bridge0 ip link show dev bridge0 group 5053 &&
  sysctl -q -w net.ipv4.conf.bridge0.rp_filter=2 net.ipv4.conf.bridge0.forwarding=1 &&
  ip address replace 192.168.1.1/24 dev bridge0 &&
  ip link set bridge0 up
}
undo_25() {
  failed=no
  sh -c '[ -z "$(ip link show dev "$1" group "$2")" ] || ip link delete "$1"' sh bridge0 5053 || failed=yes
  [ "$failed" = no ]
}

# host: bridge1, for the addresses that VPNs share
about_26() { part=host title='host: bridge1, for the addresses that VPNs share'; }
test_26() {
  prints bridge1 ip link show dev bridge1 group 5053 &&
  prints 'inet 10.0.254.1/24 ' ip -4 address show dev bridge1 up &&
  prints '2
1' sysctl -n net.ipv4.conf.bridge1.rp_filter net.ipv4.conf.bridge1.forwarding
}
make_26() {
  { ip link add bridge1 group 5053 type bridge >/dev/null 2>&1 || :; } &&
  prints bridge1 ip link show dev bridge1 group 5053 &&
  sysctl -q -w net.ipv4.conf.bridge1.rp_filter=2 net.ipv4.conf.bridge1.forwarding=1 &&
  ip address replace 10.0.254.1/24 dev bridge1 noprefixroute &&
  ip link set bridge1 up
}
undo_26() {
  failed=no
  sh -c '[ -z "$(ip link show dev "$1" group "$2")" ] || ip link delete "$1"' sh bridge1 5053 || failed=yes
  [ "$failed" = no ]
}

# host: routes to the rest of the WAN, by way of its router
about_27() { part=host title='host: routes to the rest of the WAN, by way of its router'; }
test_27() {
  prints 'via 192.168.1.4 ' ip route show table main exact 10.0.254.0/24 proto 153 &&
  prints 'via 192.168.1.4 ' ip route show table main exact 100.64.0.0/16 proto 153 &&
  prints 'via 192.168.1.4 ' ip route show table main exact 192.168.2.0/24 proto 153 &&
  prints 'via 192.168.1.4 ' ip route show table main exact 192.168.3.0/24 proto 153 &&
  prints 'via 192.168.1.4 ' ip route show table main exact 172.16.3.0/24 proto 153
}
make_27() {
  ip route replace 10.0.254.0/24 via 192.168.1.4 proto 153 &&
  ip route replace 100.64.0.0/16 via 192.168.1.4 proto 153 &&
  ip route replace 192.168.2.0/24 via 192.168.1.4 proto 153 &&
  ip route replace 192.168.3.0/24 via 192.168.1.4 proto 153 &&
  ip route replace 172.16.3.0/24 via 192.168.1.4 proto 153
}
undo_27() {
  failed=no
  ip route delete 172.16.3.0/24 via 192.168.1.4 proto 153 || failed=yes
  ip route delete 192.168.3.0/24 via 192.168.1.4 proto 153 || failed=yes
  ip route delete 192.168.2.0/24 via 192.168.1.4 proto 153 || failed=yes
  ip route delete 100.64.0.0/16 via 192.168.1.4 proto 153 || failed=yes
  ip route delete 10.0.254.0/24 via 192.168.1.4 proto 153 || failed=yes
  [ "$failed" = no ]
}

# host: the way to the containers here that share an address with others
about_28() { part=host title='host: the way to the containers here that share an address with others'; }
test_28() {
  prints 'dev bridge1 ' ip route show table 5053 exact 10.0.254.0/24 proto 153
}
make_28() {
  ip route replace 10.0.254.0/24 dev bridge1 table 5053 proto 153
}
undo_28() {
  failed=no
  ip route delete 10.0.254.0/24 dev bridge1 table 5053 proto 153 || failed=yes
  [ "$failed" = no ]
}

# host: only the router takes it
about_29() { part=host title='host: only the router takes it'; }
test_29() {
  prints 'lookup 5053' ip rule show priority 5053 iif bridge0 to 10.0.254.0/24
}
make_29() {
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip rule delete priority 5053 &&
  ip rule add priority 5053 iif bridge0 to 10.0.254.0/24 lookup 5053 protocol 153
}
undo_29() {
  failed=no
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip rule delete priority 5053 || failed=yes
  [ "$failed" = no ]
}

# host: the way for guests is the router
about_30() { part=host title='host: the way for guests is the router'; }
test_30() {
  prints 'via 192.168.1.4 ' ip route show table 10002 exact default proto 153
}
make_30() {
  ip route replace default via 192.168.1.4 table 10002 proto 153
}
undo_30() {
  failed=no
  ip route delete default via 192.168.1.4 table 10002 proto 153 || failed=yes
  [ "$failed" = no ]
}

# host: whatever comes from guests takes it
about_31() { part=host title='host: whatever comes from guests takes it'; }
test_31() {
  prints 'lookup 10002' ip rule show priority 10002 from 192.168.7.0/24
}
make_31() {
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip rule delete priority 10002 &&
  ip rule add priority 10002 from 192.168.7.0/24 lookup 10002 protocol 153
}
undo_31() {
  failed=no
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip rule delete priority 10002 || failed=yes
  [ "$failed" = no ]
}

# host: packets that come by eth0 are passed on, as far as the rules say
about_32() { part=host title='host: packets that come by eth0 are passed on, as far as the rules say'; }
test_32() {
  prints 1 cat /proc/sys/net/ipv4/conf/eth0/forwarding
}
make_32() {
  sh -c '[ -e "$2" ] || cat "$1" > "$2"' sh /proc/sys/net/ipv4/conf/eth0/forwarding /run/vpncore/host1/host/forwarding-before &&
  sh -c 'echo 1 > "$1"' sh /proc/sys/net/ipv4/conf/eth0/forwarding
}
undo_32() {
  failed=no
  sh -c '[ ! -e "$2" ] || { cat "$2" > "$1" && rm "$2"; }' sh /proc/sys/net/ipv4/conf/eth0/forwarding /run/vpncore/host1/host/forwarding-before || failed=yes
  [ "$failed" = no ]
}

# ipsec: a directory for its own files of /etc
about_33() { part=ipsec title='ipsec: a directory for its own files of /etc'; }
test_33() {
  test -d /etc/netns/host1-ipsec
}
make_33() {
  mkdir -p /etc/netns/host1-ipsec
}
undo_33() {
  failed=no
  rm -r /etc/netns/host1-ipsec || failed=yes
  { rmdir /etc/netns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# ipsec: the file /etc/netns/host1-ipsec/resolv.conf
about_34() { part=ipsec title='ipsec: the file /etc/netns/host1-ipsec/resolv.conf'; }
test_34() {
  text_21 | cmp -s - /etc/netns/host1-ipsec/resolv.conf
}
make_34() {
  install -D -m 0644 /dev/null /etc/netns/host1-ipsec/resolv.conf &&
  text_21 | dd of=/etc/netns/host1-ipsec/resolv.conf status=none
}
undo_34() {
  failed=no
  rm -f /etc/netns/host1-ipsec/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: a network namespace, host1-ipsec
about_35() { part=ipsec title='ipsec: a network namespace, host1-ipsec'; }
test_35() {
  prints '0
0
0
0
1
1
1' ip netns exec host1-ipsec sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_redirects net.ipv4.ip_forward net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6 &&
  prints lo ip -n host1-ipsec link show dev lo up
}
make_35() {
  { ip netns add host1-ipsec >/dev/null 2>&1 || :; } &&
  ip netns exec host1-ipsec sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
  ip -n host1-ipsec link set lo up
}
undo_35() {
  failed=no
  sh -c 'for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"' sh host1-ipsec || failed=yes
  [ "$failed" = no ]
}

# ipsec: a wire to bridge0, with the address 192.168.1.4
about_36() { part=ipsec title='ipsec: a wire to bridge0, with the address 192.168.1.4'; }
test_36() {
  prints ipsec ip link show dev ipsec master bridge0 up &&
  prints 'inet 192.168.1.4/24 ' ip -n host1-ipsec -4 address show dev eth0 up
}
make_36() {
  { ip link delete ipsec >/dev/null 2>&1 || :; } &&
  ip link add ipsec type veth peer name eth0 netns host1-ipsec &&
  ip link set ipsec master bridge0 up &&
  ip -n host1-ipsec address add 192.168.1.4/24 dev eth0 &&
  ip -n host1-ipsec link set eth0 up
}
undo_36() {
  failed=no
  ip link delete ipsec || failed=yes
  [ "$failed" = no ]
}

# ipsec: no route, no service: a shared address that nobody announces is nowhere
about_37() { part=ipsec title='ipsec: no route, no service: a shared address that nobody announces is nowhere'; }
test_37() {
  prints 'unreachable ' ip -n host1-ipsec route show table main exact 10.0.254.0/24 proto 153 metric 4278198272 type unreachable
}
make_37() {
  ip -n host1-ipsec route replace unreachable 10.0.254.0/24 metric 4278198272 proto 153
}
undo_37() {
  failed=no
  ip -n host1-ipsec route delete unreachable 10.0.254.0/24 metric 4278198272 proto 153 || failed=yes
  [ "$failed" = no ]
}

# ipsec: the way to everything else
about_38() { part=ipsec title='ipsec: the way to everything else'; }
test_38() {
  prints 'via 192.168.1.1 ' ip -n host1-ipsec route show table main exact default proto 153
}
make_38() {
  ip -n host1-ipsec route replace default via 192.168.1.1 proto 153
}
undo_38() {
  failed=no
  ip -n host1-ipsec route delete default via 192.168.1.1 proto 153 || failed=yes
  [ "$failed" = no ]
}

# ipsec: an IPsec interface to host2, to-host2
about_39() { part=ipsec title='ipsec: an IPsec interface to host2, to-host2'; }
test_39() {
  prints 'mtu 1400 ' ip -n host1-ipsec link show dev to-host2 up &&
  prints 'inet 100.64.0.0/31 ' ip -n host1-ipsec -4 address show dev to-host2
}
make_39() {
  { ip -n host1-ipsec link delete to-host2 >/dev/null 2>&1 || :; } &&
  ip -n host1-ipsec link add to-host2 type xfrm dev lo if_id 1 &&
  ip -n host1-ipsec address add 100.64.0.0/31 dev to-host2 &&
  ip -n host1-ipsec link set to-host2 up mtu 1400
}
undo_39() {
  failed=no
  ip -n host1-ipsec link delete to-host2 || failed=yes
  [ "$failed" = no ]
}

# ipsec: an IPsec interface to host3, to-host3
about_40() { part=ipsec title='ipsec: an IPsec interface to host3, to-host3'; }
test_40() {
  prints 'mtu 1400 ' ip -n host1-ipsec link show dev to-host3 up &&
  prints 'inet 100.64.0.2/31 ' ip -n host1-ipsec -4 address show dev to-host3
}
make_40() {
  { ip -n host1-ipsec link delete to-host3 >/dev/null 2>&1 || :; } &&
  ip -n host1-ipsec link add to-host3 type xfrm dev lo if_id 2 &&
  ip -n host1-ipsec address add 100.64.0.2/31 dev to-host3 &&
  ip -n host1-ipsec link set to-host3 up mtu 1400
}
undo_40() {
  failed=no
  ip -n host1-ipsec link delete to-host3 || failed=yes
  [ "$failed" = no ]
}

# ipsec: /etc/vpncore/host1.crt, where its daemon looks for it
about_41() { part=ipsec title='ipsec: /etc/vpncore/host1.crt, where its daemon looks for it'; }
test_41() {
  test /run/vpncore/host1/strongswan/x509/host1.crt -ef /etc/vpncore/host1.crt
}
make_41() {
  mkdir -p /run/vpncore/host1/strongswan/x509 &&
  ln -s -f /etc/vpncore/host1.crt /run/vpncore/host1/strongswan/x509/host1.crt
}
undo_41() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/x509/host1.crt || failed=yes
  [ "$failed" = no ]
}

# ipsec: /etc/vpncore/host1.key, where its daemon looks for it
about_42() { part=ipsec title='ipsec: /etc/vpncore/host1.key, where its daemon looks for it'; }
test_42() {
  test /run/vpncore/host1/strongswan/private/host1.key -ef /etc/vpncore/host1.key
}
make_42() {
  mkdir -p /run/vpncore/host1/strongswan/private &&
  ln -s -f /etc/vpncore/host1.key /run/vpncore/host1/strongswan/private/host1.key
}
undo_42() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/private/host1.key || failed=yes
  [ "$failed" = no ]
}

# ipsec: /etc/vpncore/wan-ca.crt, where its daemon looks for it
about_43() { part=ipsec title='ipsec: /etc/vpncore/wan-ca.crt, where its daemon looks for it'; }
test_43() {
  test /run/vpncore/host1/strongswan/x509ca/wan-ca.crt -ef /etc/vpncore/wan-ca.crt
}
make_43() {
  mkdir -p /run/vpncore/host1/strongswan/x509ca &&
  ln -s -f /etc/vpncore/wan-ca.crt /run/vpncore/host1/strongswan/x509ca/wan-ca.crt
}
undo_43() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/x509ca/wan-ca.crt || failed=yes
  [ "$failed" = no ]
}

# ipsec: charon, which agrees on keys with the other sites
about_44() { part=ipsec title='ipsec: charon, which agrees on keys with the other sites'; }
test_44() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec charon bf2a8f95ea79
}
make_44() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec charon bf2a8f95ea79 15 '[ -S '\''/run/vpncore/host1/strongswan/vici'\'' ]' env STRONGSWAN_CONF=/run/vpncore/host1/strongswan/strongswan.conf SWANCTL_DIR=/run/vpncore/host1/strongswan charon-systemd
}
undo_44() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec charon 15 || failed=yes
  [ "$failed" = no ]
}

# ipsec: the connections to its peers
about_45() { part=ipsec title='ipsec: the connections to its peers'; }
test_45() {
  cmp -s /run/vpncore/host1/strongswan/swanctl.conf /run/vpncore/host1/strongswan/loaded.conf &&
  prints 'host2: IKEv2' env STRONGSWAN_CONF=/run/vpncore/host1/strongswan/strongswan.conf SWANCTL_DIR=/run/vpncore/host1/strongswan swanctl --list-conns --uri unix:///run/vpncore/host1/strongswan/vici &&
  prints 'host3: IKEv2' env STRONGSWAN_CONF=/run/vpncore/host1/strongswan/strongswan.conf SWANCTL_DIR=/run/vpncore/host1/strongswan swanctl --list-conns --uri unix:///run/vpncore/host1/strongswan/vici
}
make_45() {
  env STRONGSWAN_CONF=/run/vpncore/host1/strongswan/strongswan.conf SWANCTL_DIR=/run/vpncore/host1/strongswan swanctl --load-all --noprompt --uri unix:///run/vpncore/host1/strongswan/vici &&
  install -m 0644 /run/vpncore/host1/strongswan/swanctl.conf /run/vpncore/host1/strongswan/loaded.conf
}
undo_45() {
  failed=no
  rm -f /run/vpncore/host1/strongswan/loaded.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: connect, which calls peers with whom there is no connection
about_46() { part=ipsec title='ipsec: connect, which calls peers with whom there is no connection'; }
test_46() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec connect 6e88c3ff804d
}
make_46() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec connect 6e88c3ff804d 15 true env STRONGSWAN_CONF=/run/vpncore/host1/strongswan/strongswan.conf SWANCTL_DIR=/run/vpncore/host1/strongswan sh /run/vpncore/host1/bin/connect unix:///run/vpncore/host1/strongswan/vici host2 host3
}
undo_46() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec connect 15 || failed=yes
  [ "$failed" = no ]
}

# ipsec: without its tunnel, guests goes nowhere
about_47() { part=ipsec title='ipsec: without its tunnel, guests goes nowhere'; }
test_47() {
  prints 'unreachable ' ip -n host1-ipsec route show table 10002 exact default proto 153 metric 4278198272 type unreachable
}
make_47() {
  ip -n host1-ipsec route replace unreachable default metric 4278198272 table 10002 proto 153
}
undo_47() {
  failed=no
  ip -n host1-ipsec route delete unreachable default metric 4278198272 table 10002 proto 153 || failed=yes
  [ "$failed" = no ]
}

# ipsec: the traffic of guests has routes of its own
about_48() { part=ipsec title='ipsec: the traffic of guests has routes of its own'; }
test_48() {
  prints 'lookup 10002' ip -n host1-ipsec rule show priority 10002 from 192.168.7.0/24
}
make_48() {
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip -n host1-ipsec rule delete priority 10002 &&
  ip -n host1-ipsec rule add priority 10002 from 192.168.7.0/24 lookup 10002 protocol 153
}
undo_48() {
  failed=no
  sh -c 'while "$@" 2>/dev/null; do :; done' sh ip -n host1-ipsec rule delete priority 10002 || failed=yes
  [ "$failed" = no ]
}

# ipsec: a GRE tunnel to dynvpn2, for guests, client2
about_49() { part=ipsec title='ipsec: a GRE tunnel to dynvpn2, for guests, client2'; }
test_49() {
  prints 'mtu 1376 ' ip -n host1-ipsec link show dev client2 up &&
  prints 'inet 10.15.0.10/30 ' ip -n host1-ipsec -4 address show dev client2
}
make_49() {
  sh /run/vpncore/host1/bin/gre up host1-ipsec client2 192.168.1.4 10.0.254.52 10.15.0.10/30 1376
}
undo_49() {
  failed=no
  sh /run/vpncore/host1/bin/gre down host1-ipsec client2 || failed=yes
  [ "$failed" = no ]
}

# ipsec: guests goes by dynvpn2
about_50() { part=ipsec title='ipsec: guests goes by dynvpn2'; }
test_50() {
  prints 'dev client2 ' ip -n host1-ipsec route show table 10002 exact default proto 153
}
make_50() {
  ip -n host1-ipsec route replace default dev client2 table 10002 proto 153
}
undo_50() {
  failed=no
  ip -n host1-ipsec route delete default dev client2 table 10002 proto 153 || failed=yes
  [ "$failed" = no ]
}

# ipsec: zebra, which gives the kernel the routes that the others learn
about_51() { part=ipsec title='ipsec: zebra, which gives the kernel the routes that the others learn'; }
test_51() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec zebra 7f32312600e2
}
make_51() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec zebra 7f32312600e2 15 '[ -S '\''/run/vpncore/host1/frr/zserv.api'\'' ]' /usr/lib/frr/zebra -u frr -g frr --vty_socket /run/vpncore/host1/frr -z /run/vpncore/host1/frr/zserv.api -A 127.0.0.1 -P 0 -f /run/vpncore/host1/frr/frr.conf -i /run/vpncore/host1/frr/zebra.pid -s 90000000
}
undo_51() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec zebra 15 || failed=yes
  [ "$failed" = no ]
}

# ipsec: staticd, for static routes
about_52() { part=ipsec title='ipsec: staticd, for static routes'; }
test_52() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec staticd d81fbdd172fb
}
make_52() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec staticd d81fbdd172fb 15 '[ -S '\''/run/vpncore/host1/frr/staticd.vty'\'' ]' /usr/lib/frr/staticd -u frr -g frr --vty_socket /run/vpncore/host1/frr -z /run/vpncore/host1/frr/zserv.api -A 127.0.0.1 -P 0 -f /run/vpncore/host1/frr/frr.conf -i /run/vpncore/host1/frr/staticd.pid
}
undo_52() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec staticd 15 || failed=yes
  [ "$failed" = no ]
}

# ipsec: bfdd, which notices a lost link
about_53() { part=ipsec title='ipsec: bfdd, which notices a lost link'; }
test_53() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec bfdd 4b5b40ad848a
}
make_53() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec bfdd 4b5b40ad848a 15 '[ -S '\''/run/vpncore/host1/frr/bfdd.vty'\'' ]' /usr/lib/frr/bfdd -u frr -g frr --vty_socket /run/vpncore/host1/frr -z /run/vpncore/host1/frr/zserv.api -A 127.0.0.1 -P 0 -f /run/vpncore/host1/frr/frr.conf -i /run/vpncore/host1/frr/bfdd.pid --bfdctl /run/vpncore/host1/frr/bfdd.sock
}
undo_53() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec bfdd 15 || failed=yes
  [ "$failed" = no ]
}

# ipsec: bgpd, which tells the other sites what is reached here
about_54() { part=ipsec title='ipsec: bgpd, which tells the other sites what is reached here'; }
test_54() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec bgpd 7824ff96803f
}
make_54() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec bgpd 7824ff96803f 15 '[ -S '\''/run/vpncore/host1/frr/bgpd.vty'\'' ]' /usr/lib/frr/bgpd -u frr -g frr --vty_socket /run/vpncore/host1/frr -z /run/vpncore/host1/frr/zserv.api -A 127.0.0.1 -P 0 -f /run/vpncore/host1/frr/frr.conf -i /run/vpncore/host1/frr/bgpd.pid -p 179
}
undo_54() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec bgpd 15 || failed=yes
  [ "$failed" = no ]
}

# vpndns: a directory for its own files of /etc
about_55() { part=vpndns title='vpndns: a directory for its own files of /etc'; }
test_55() {
  test -d /etc/netns/host1-vpndns
}
make_55() {
  mkdir -p /etc/netns/host1-vpndns
}
undo_55() {
  failed=no
  rm -r /etc/netns/host1-vpndns || failed=yes
  { rmdir /etc/netns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpndns: the file /etc/netns/host1-vpndns/resolv.conf
about_56() { part=vpndns title='vpndns: the file /etc/netns/host1-vpndns/resolv.conf'; }
test_56() {
  text_21 | cmp -s - /etc/netns/host1-vpndns/resolv.conf
}
make_56() {
  install -D -m 0644 /dev/null /etc/netns/host1-vpndns/resolv.conf &&
  text_21 | dd of=/etc/netns/host1-vpndns/resolv.conf status=none
}
undo_56() {
  failed=no
  rm -f /etc/netns/host1-vpndns/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpndns: a network namespace, host1-vpndns
about_57() { part=vpndns title='vpndns: a network namespace, host1-vpndns'; }
test_57() {
  prints '0
0
0
0
0
1
1' ip netns exec host1-vpndns sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_redirects net.ipv4.ip_forward net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6 &&
  prints lo ip -n host1-vpndns link show dev lo up
}
make_57() {
  { ip netns add host1-vpndns >/dev/null 2>&1 || :; } &&
  ip netns exec host1-vpndns sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 net.ipv4.ip_forward=0 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
  ip -n host1-vpndns link set lo up
}
undo_57() {
  failed=no
  sh -c 'for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"' sh host1-vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: a wire to bridge0, with the address 192.168.1.3
about_58() { part=vpndns title='vpndns: a wire to bridge0, with the address 192.168.1.3'; }
test_58() {
  prints vpndns ip link show dev vpndns master bridge0 up &&
  prints 'inet 192.168.1.3/24 ' ip -n host1-vpndns -4 address show dev eth0 up
}
make_58() {
  { ip link delete vpndns >/dev/null 2>&1 || :; } &&
  ip link add vpndns type veth peer name eth0 netns host1-vpndns &&
  ip link set vpndns master bridge0 up &&
  ip -n host1-vpndns address add 192.168.1.3/24 dev eth0 &&
  ip -n host1-vpndns link set eth0 up
}
undo_58() {
  failed=no
  ip link delete vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: the way to everything else
about_59() { part=vpndns title='vpndns: the way to everything else'; }
test_59() {
  prints 'via 192.168.1.1 ' ip -n host1-vpndns route show table main exact default proto 153
}
make_59() {
  ip -n host1-vpndns route replace default via 192.168.1.1 proto 153
}
undo_59() {
  failed=no
  ip -n host1-vpndns route delete default via 192.168.1.1 proto 153 || failed=yes
  [ "$failed" = no ]
}

# vpndns: vpndns, which asks for each client by its own VPN
about_60() { part=vpndns title='vpndns: vpndns, which asks for each client by its own VPN'; }
test_60() {
  sh /run/vpncore/host1/bin/daemon running host1-vpndns vpndns 921c08460c4a
}
make_60() {
  sh /run/vpncore/host1/bin/daemon start host1-vpndns vpndns 921c08460c4a 15 'ss -H -l -u -n '\''sport = :53'\'' | grep -q .' vpndns --conf /run/vpncore/host1/vpndns/Corefile
}
undo_60() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-vpndns vpndns 15 || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /run/vpncore/host1/vpn/dynvpn1/rules.nft
about_61() { part=vpn1 title='vpn1: the file /run/vpncore/host1/vpn/dynvpn1/rules.nft'; }
test_61() {
  text_22 | cmp -s - /run/vpncore/host1/vpn/dynvpn1/rules.nft
}
make_61() {
  install -D -m 0644 /dev/null /run/vpncore/host1/vpn/dynvpn1/rules.nft &&
  text_22 | dd of=/run/vpncore/host1/vpn/dynvpn1/rules.nft status=none
}
undo_61() {
  failed=no
  rm -f /run/vpncore/host1/vpn/dynvpn1/rules.nft || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /run/vpncore/host1/vpn/dynvpn1/settings
about_62() { part=vpn1 title='vpn1: the file /run/vpncore/host1/vpn/dynvpn1/settings'; }
test_62() {
  text_23 | cmp -s - /run/vpncore/host1/vpn/dynvpn1/settings
}
make_62() {
  install -D -m 0644 /dev/null /run/vpncore/host1/vpn/dynvpn1/settings &&
  text_23 | dd of=/run/vpncore/host1/vpn/dynvpn1/settings status=none
}
undo_62() {
  failed=no
  rm -f /run/vpncore/host1/vpn/dynvpn1/settings || failed=yes
  [ "$failed" = no ]
}

# vpn1: a directory for its own files of /etc
about_63() { part=vpn1 title='vpn1: a directory for its own files of /etc'; }
test_63() {
  test -d /etc/netns/host1-vpn1
}
make_63() {
  mkdir -p /etc/netns/host1-vpn1
}
undo_63() {
  failed=no
  rm -r /etc/netns/host1-vpn1 || failed=yes
  { rmdir /etc/netns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn1: the file /etc/netns/host1-vpn1/resolv.conf
about_64() { part=vpn1 title='vpn1: the file /etc/netns/host1-vpn1/resolv.conf'; }
test_64() {
  text_24 | cmp -s - /etc/netns/host1-vpn1/resolv.conf
}
make_64() {
  install -D -m 0644 /dev/null /etc/netns/host1-vpn1/resolv.conf &&
  text_24 | dd of=/etc/netns/host1-vpn1/resolv.conf status=none
}
undo_64() {
  failed=no
  rm -f /etc/netns/host1-vpn1/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn1: a network namespace, host1-vpn1
about_65() { part=vpn1 title='vpn1: a network namespace, host1-vpn1'; }
test_65() {
  prints '0
0
0
0
1
1
1' ip netns exec host1-vpn1 sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_redirects net.ipv4.ip_forward net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6 &&
  prints lo ip -n host1-vpn1 link show dev lo up
}
make_65() {
  { ip netns add host1-vpn1 >/dev/null 2>&1 || :; } &&
  ip netns exec host1-vpn1 sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
  ip -n host1-vpn1 link set lo up
}
undo_65() {
  failed=no
  sh -c 'for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"' sh host1-vpn1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: who is served by it gets out by its session, or not at all
about_66() { part=vpn1 title='vpn1: who is served by it gets out by its session, or not at all'; }
test_66() {
  ip netns exec host1-vpn1 nft list chain inet vpnjail is_b62c89af3c14
}
make_66() {
  ip netns exec host1-vpn1 nft -f /run/vpncore/host1/vpn/dynvpn1/rules.nft
}
undo_66() {
  failed=no
  text_25 | ip netns exec host1-vpn1 nft -f - || failed=yes
  [ "$failed" = no ]
}

# vpn1: a wire to bridge0, with the address 192.168.1.51
about_67() { part=vpn1 title='vpn1: a wire to bridge0, with the address 192.168.1.51'; }
test_67() {
  prints vpn1 ip link show dev vpn1 master bridge0 up &&
  prints 'inet 192.168.1.51/24 ' ip -n host1-vpn1 -4 address show dev eth0 up
}
make_67() {
  { ip link delete vpn1 >/dev/null 2>&1 || :; } &&
  ip link add vpn1 type veth peer name eth0 netns host1-vpn1 &&
  ip link set vpn1 master bridge0 up &&
  ip -n host1-vpn1 address add 192.168.1.51/24 dev eth0 &&
  ip -n host1-vpn1 link set eth0 up
}
undo_67() {
  failed=no
  ip link delete vpn1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: a wire to bridge1, with the address 10.0.254.51
about_68() { part=vpn1 title='vpn1: a wire to bridge1, with the address 10.0.254.51'; }
test_68() {
  prints vpn1-any ip link show dev vpn1-any master bridge1 up &&
  prints 'inet 10.0.254.51/24 ' ip -n host1-vpn1 -4 address show dev eth1 up
}
make_68() {
  { ip link delete vpn1-any >/dev/null 2>&1 || :; } &&
  ip link add vpn1-any type veth peer name eth1 netns host1-vpn1 &&
  ip link set vpn1-any master bridge1 up &&
  ip -n host1-vpn1 address add 10.0.254.51/24 dev eth1 &&
  ip -n host1-vpn1 link set eth1 up
}
undo_68() {
  failed=no
  ip link delete vpn1-any || failed=yes
  [ "$failed" = no ]
}

# vpn1: routes to the WAN and to the servers of its provider, and to nothing else
about_69() { part=vpn1 title='vpn1: routes to the WAN and to the servers of its provider, and to nothing else'; }
test_69() {
  prints 'via 192.168.1.1 ' ip -n host1-vpn1 route show table main exact 192.168.2.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn1 route show table main exact 192.168.3.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn1 route show table main exact 172.16.3.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn1 route show table main exact 172.16.3.2/32 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn1 route show table main exact 198.51.100.17/32 proto 153
}
make_69() {
  ip -n host1-vpn1 route replace 192.168.2.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn1 route replace 192.168.3.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn1 route replace 172.16.3.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn1 route replace 172.16.3.2/32 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn1 route replace 198.51.100.17/32 via 192.168.1.1 proto 153
}
undo_69() {
  failed=no
  ip -n host1-vpn1 route delete 198.51.100.17/32 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn1 route delete 172.16.3.2/32 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn1 route delete 172.16.3.0/24 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn1 route delete 192.168.3.0/24 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn1 route delete 192.168.2.0/24 via 192.168.1.1 proto 153 || failed=yes
  [ "$failed" = no ]
}

# vpn1: the addresses of amsterdam.provider-a.example
about_70() { part=vpn1 title='vpn1: the addresses of amsterdam.provider-a.example'; }
test_70() {
  test -e /run/vpncore/host1/vpn/dynvpn1/known/servers.nft &&
  grep -q -F -w -e amsterdam.provider-a.example /etc/netns/host1-vpn1/hosts
}
make_70() {
  sh /run/vpncore/host1/bin/pin host1-vpn1 192.168.1.1 /run/vpncore/host1/vpn/dynvpn1/known/servers.nft amsterdam.provider-a.example udp 1194
}
undo_70() {
  failed=no
  rm -f /etc/netns/host1-vpn1/hosts /run/vpncore/host1/vpn/dynvpn1/known/servers.nft || failed=yes
  [ "$failed" = no ]
}

# vpn1: a GRE tunnel to laptop, client1
about_71() { part=vpn1 title='vpn1: a GRE tunnel to laptop, client1'; }
test_71() {
  prints 'mtu 1376 ' ip -n host1-vpn1 link show dev client1 up &&
  prints 'inet 10.15.0.5/30 ' ip -n host1-vpn1 -4 address show dev client1
}
make_71() {
  sh /run/vpncore/host1/bin/gre up host1-vpn1 client1 10.0.254.51 172.16.3.2 10.15.0.5/30 1376
}
undo_71() {
  failed=no
  sh /run/vpncore/host1/bin/gre down host1-vpn1 client1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: room for what is known of a session
about_72() { part=vpn1 title='vpn1: room for what is known of a session'; }
test_72() {
  test -d /run/vpncore/host1/vpn/dynvpn1/known
}
make_72() {
  mkdir -p /run/vpncore/host1/vpn/dynvpn1/known
}
undo_72() {
  failed=no
  { sh /run/vpncore/host1/scripts/vpn-set-offline.sh dynvpn1 >/dev/null 2>&1 || :; }
  rm -r -f /run/vpncore/host1/vpn/dynvpn1/known /run/vpncore/host1/vpn/dynvpn1/online || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /run/vpncore/host1/vpn/dynvpn2/rules.nft
about_73() { part=vpn2 title='vpn2: the file /run/vpncore/host1/vpn/dynvpn2/rules.nft'; }
test_73() {
  text_26 | cmp -s - /run/vpncore/host1/vpn/dynvpn2/rules.nft
}
make_73() {
  install -D -m 0644 /dev/null /run/vpncore/host1/vpn/dynvpn2/rules.nft &&
  text_26 | dd of=/run/vpncore/host1/vpn/dynvpn2/rules.nft status=none
}
undo_73() {
  failed=no
  rm -f /run/vpncore/host1/vpn/dynvpn2/rules.nft || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /run/vpncore/host1/vpn/dynvpn2/settings
about_74() { part=vpn2 title='vpn2: the file /run/vpncore/host1/vpn/dynvpn2/settings'; }
test_74() {
  text_27 | cmp -s - /run/vpncore/host1/vpn/dynvpn2/settings
}
make_74() {
  install -D -m 0644 /dev/null /run/vpncore/host1/vpn/dynvpn2/settings &&
  text_27 | dd of=/run/vpncore/host1/vpn/dynvpn2/settings status=none
}
undo_74() {
  failed=no
  rm -f /run/vpncore/host1/vpn/dynvpn2/settings || failed=yes
  [ "$failed" = no ]
}

# vpn2: a directory for its own files of /etc
about_75() { part=vpn2 title='vpn2: a directory for its own files of /etc'; }
test_75() {
  test -d /etc/netns/host1-vpn2
}
make_75() {
  mkdir -p /etc/netns/host1-vpn2
}
undo_75() {
  failed=no
  rm -r /etc/netns/host1-vpn2 || failed=yes
  { rmdir /etc/netns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn2: the file /etc/netns/host1-vpn2/resolv.conf
about_76() { part=vpn2 title='vpn2: the file /etc/netns/host1-vpn2/resolv.conf'; }
test_76() {
  text_24 | cmp -s - /etc/netns/host1-vpn2/resolv.conf
}
make_76() {
  install -D -m 0644 /dev/null /etc/netns/host1-vpn2/resolv.conf &&
  text_24 | dd of=/etc/netns/host1-vpn2/resolv.conf status=none
}
undo_76() {
  failed=no
  rm -f /etc/netns/host1-vpn2/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn2: a network namespace, host1-vpn2
about_77() { part=vpn2 title='vpn2: a network namespace, host1-vpn2'; }
test_77() {
  prints '0
0
0
0
1
1
1' ip netns exec host1-vpn2 sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_redirects net.ipv4.ip_forward net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6 &&
  prints lo ip -n host1-vpn2 link show dev lo up
}
make_77() {
  { ip netns add host1-vpn2 >/dev/null 2>&1 || :; } &&
  ip netns exec host1-vpn2 sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
  ip -n host1-vpn2 link set lo up
}
undo_77() {
  failed=no
  sh -c 'for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"' sh host1-vpn2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: who is served by it gets out by its session, or not at all
about_78() { part=vpn2 title='vpn2: who is served by it gets out by its session, or not at all'; }
test_78() {
  ip netns exec host1-vpn2 nft list chain inet vpnjail is_2ac45f511595
}
make_78() {
  ip netns exec host1-vpn2 nft -f /run/vpncore/host1/vpn/dynvpn2/rules.nft
}
undo_78() {
  failed=no
  text_25 | ip netns exec host1-vpn2 nft -f - || failed=yes
  [ "$failed" = no ]
}

# vpn2: a wire to bridge0, with the address 192.168.1.52
about_79() { part=vpn2 title='vpn2: a wire to bridge0, with the address 192.168.1.52'; }
test_79() {
  prints vpn2 ip link show dev vpn2 master bridge0 up &&
  prints 'inet 192.168.1.52/24 ' ip -n host1-vpn2 -4 address show dev eth0 up
}
make_79() {
  { ip link delete vpn2 >/dev/null 2>&1 || :; } &&
  ip link add vpn2 type veth peer name eth0 netns host1-vpn2 &&
  ip link set vpn2 master bridge0 up &&
  ip -n host1-vpn2 address add 192.168.1.52/24 dev eth0 &&
  ip -n host1-vpn2 link set eth0 up
}
undo_79() {
  failed=no
  ip link delete vpn2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: a wire to bridge1, with the address 10.0.254.52
about_80() { part=vpn2 title='vpn2: a wire to bridge1, with the address 10.0.254.52'; }
test_80() {
  prints vpn2-any ip link show dev vpn2-any master bridge1 up &&
  prints 'inet 10.0.254.52/24 ' ip -n host1-vpn2 -4 address show dev eth1 up
}
make_80() {
  { ip link delete vpn2-any >/dev/null 2>&1 || :; } &&
  ip link add vpn2-any type veth peer name eth1 netns host1-vpn2 &&
  ip link set vpn2-any master bridge1 up &&
  ip -n host1-vpn2 address add 10.0.254.52/24 dev eth1 &&
  ip -n host1-vpn2 link set eth1 up
}
undo_80() {
  failed=no
  ip link delete vpn2-any || failed=yes
  [ "$failed" = no ]
}

# vpn2: routes to the WAN and to the servers of its provider, and to nothing else
about_81() { part=vpn2 title='vpn2: routes to the WAN and to the servers of its provider, and to nothing else'; }
test_81() {
  prints 'via 192.168.1.1 ' ip -n host1-vpn2 route show table main exact 192.168.2.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn2 route show table main exact 192.168.3.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn2 route show table main exact 172.16.3.0/24 proto 153 &&
  prints 'via 192.168.1.1 ' ip -n host1-vpn2 route show table main exact 192.168.1.4/32 proto 153
}
make_81() {
  ip -n host1-vpn2 route replace 192.168.2.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn2 route replace 192.168.3.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn2 route replace 172.16.3.0/24 via 192.168.1.1 proto 153 &&
  ip -n host1-vpn2 route replace 192.168.1.4/32 via 192.168.1.1 proto 153
}
undo_81() {
  failed=no
  ip -n host1-vpn2 route delete 192.168.1.4/32 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn2 route delete 172.16.3.0/24 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn2 route delete 192.168.3.0/24 via 192.168.1.1 proto 153 || failed=yes
  ip -n host1-vpn2 route delete 192.168.2.0/24 via 192.168.1.1 proto 153 || failed=yes
  [ "$failed" = no ]
}

# vpn2: the addresses of oslo.provider-b.example
about_82() { part=vpn2 title='vpn2: the addresses of oslo.provider-b.example'; }
test_82() {
  test -e /run/vpncore/host1/vpn/dynvpn2/known/servers.nft &&
  grep -q -F -w -e oslo.provider-b.example /etc/netns/host1-vpn2/hosts
}
make_82() {
  sh /run/vpncore/host1/bin/pin host1-vpn2 192.168.1.1 /run/vpncore/host1/vpn/dynvpn2/known/servers.nft oslo.provider-b.example udp 51820
}
undo_82() {
  failed=no
  rm -f /etc/netns/host1-vpn2/hosts /run/vpncore/host1/vpn/dynvpn2/known/servers.nft || failed=yes
  [ "$failed" = no ]
}

# vpn2: a GRE tunnel to guests, client2
about_83() { part=vpn2 title='vpn2: a GRE tunnel to guests, client2'; }
test_83() {
  prints 'mtu 1376 ' ip -n host1-vpn2 link show dev client2 up &&
  prints 'inet 10.15.0.9/30 ' ip -n host1-vpn2 -4 address show dev client2
}
make_83() {
  sh /run/vpncore/host1/bin/gre up host1-vpn2 client2 10.0.254.52 192.168.1.4 10.15.0.9/30 1376
}
undo_83() {
  failed=no
  sh /run/vpncore/host1/bin/gre down host1-vpn2 client2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: what is behind guests
about_84() { part=vpn2 title='vpn2: what is behind guests'; }
test_84() {
  prints 'dev client2 ' ip -n host1-vpn2 route show table main exact 192.168.7.0/24 proto 153
}
make_84() {
  ip -n host1-vpn2 route replace 192.168.7.0/24 dev client2 proto 153
}
undo_84() {
  failed=no
  ip -n host1-vpn2 route delete 192.168.7.0/24 dev client2 proto 153 || failed=yes
  [ "$failed" = no ]
}

# vpn2: room for what is known of a session
about_85() { part=vpn2 title='vpn2: room for what is known of a session'; }
test_85() {
  test -d /run/vpncore/host1/vpn/dynvpn2/known
}
make_85() {
  mkdir -p /run/vpncore/host1/vpn/dynvpn2/known
}
undo_85() {
  failed=no
  { sh /run/vpncore/host1/scripts/vpn-set-offline.sh dynvpn2 >/dev/null 2>&1 || :; }
  rm -r -f /run/vpncore/host1/vpn/dynvpn2/known /run/vpncore/host1/vpn/dynvpn2/online || failed=yes
  [ "$failed" = no ]
}

# files: a directory for its own files of /etc
about_86() { part=files title='files: a directory for its own files of /etc'; }
test_86() {
  test -d /etc/netns/host1-files
}
make_86() {
  mkdir -p /etc/netns/host1-files
}
undo_86() {
  failed=no
  rm -r /etc/netns/host1-files || failed=yes
  { rmdir /etc/netns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# files: the file /etc/netns/host1-files/resolv.conf
about_87() { part=files title='files: the file /etc/netns/host1-files/resolv.conf'; }
test_87() {
  text_21 | cmp -s - /etc/netns/host1-files/resolv.conf
}
make_87() {
  install -D -m 0644 /dev/null /etc/netns/host1-files/resolv.conf &&
  text_21 | dd of=/etc/netns/host1-files/resolv.conf status=none
}
undo_87() {
  failed=no
  rm -f /etc/netns/host1-files/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# files: a network namespace, host1-files
about_88() { part=files title='files: a network namespace, host1-files'; }
test_88() {
  prints '0
0
0
0
0
1
1' ip netns exec host1-files sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_redirects net.ipv4.ip_forward net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6 &&
  prints lo ip -n host1-files link show dev lo up
}
make_88() {
  { ip netns add host1-files >/dev/null 2>&1 || :; } &&
  ip netns exec host1-files sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 net.ipv4.ip_forward=0 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
  ip -n host1-files link set lo up
}
undo_88() {
  failed=no
  sh -c 'for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"' sh host1-files || failed=yes
  [ "$failed" = no ]
}

# files: a wire to bridge0, with the address 192.168.1.20
about_89() { part=files title='files: a wire to bridge0, with the address 192.168.1.20'; }
test_89() {
  prints files ip link show dev files master bridge0 up &&
  prints 'inet 192.168.1.20/24 ' ip -n host1-files -4 address show dev eth0 up
}
make_89() {
  { ip link delete files >/dev/null 2>&1 || :; } &&
  ip link add files type veth peer name eth0 netns host1-files &&
  ip link set files master bridge0 up &&
  ip -n host1-files address add 192.168.1.20/24 dev eth0 &&
  ip -n host1-files link set eth0 up
}
undo_89() {
  failed=no
  ip link delete files || failed=yes
  [ "$failed" = no ]
}

# files: the way to everything else
about_90() { part=files title='files: the way to everything else'; }
test_90() {
  prints 'via 192.168.1.1 ' ip -n host1-files route show table main exact default proto 153
}
make_90() {
  ip -n host1-files route replace default via 192.168.1.1 proto 153
}
undo_90() {
  failed=no
  ip -n host1-files route delete default via 192.168.1.1 proto 153 || failed=yes
  [ "$failed" = no ]
}

# ipsec: dynvpn, which keeps the VPNs online
about_91() { part=ipsec title='ipsec: dynvpn, which keeps the VPNs online'; }
test_91() {
  sh /run/vpncore/host1/bin/daemon running host1-ipsec dynvpn 9154b1b4259b
}
make_91() {
  sh /run/vpncore/host1/bin/daemon start host1-ipsec dynvpn 9154b1b4259b 15 'ss -H -l -t -n '\''sport = :5000'\'' | grep -q .' dynvpn --conf /run/vpncore/host1/dynvpn/Dynvpnfile
}
undo_91() {
  failed=no
  sh /run/vpncore/host1/bin/daemon stop host1-ipsec dynvpn 15 || failed=yes
  [ "$failed" = no ]
}

action=${1:-} container=${2:-} purge=no
[ "$container" != --purge ] || container=''
[ "${2:-}" != --purge ] && [ "${3:-}" != --purge ] || purge=yes
case $action in
  up) require; up ;;
  down) require; down "$purge" ;;
  status) status ;;
  *) echo "usage: $0 up|down|status [CONTAINER] [--purge]" >&2; exit 2 ;;
esac
