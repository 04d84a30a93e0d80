#!/bin/sh
# host2 on freebsd: a copy to be read; `vpnjail plan` prints it.

# What stands in single quotes is for another shell.
# shellcheck disable=SC2016

# Usage: up [CONTAINER] | down [CONTAINER] [--purge] | status [CONTAINER]
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
steps=150

# What must be there before anything is changed.
require() {
  [ "$(id -u)" -eq 0 ] || { echo "that takes root: interfaces, rules and routes are changed" >&2; exit 1; }
  missing=''
  for program in awk cat cmp devfs getent ifconfig install ipfw jail jexec jls kenv kldload kldstat mkdir mount pw rm rmdir route sh ssh-keygen sysctl tee test umount zfs; do
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
# host2: its jails (jail.conf(5)).
# vpnjail starts them with `jail -f THIS -c NAME` and removes them with `jail -f THIS -r NAME`;
# wires, rules and addresses come after: a jail that is started without vpnjail has no network.

vnet = "new";                       # a network stack of its own
persist;                            # even when nothing runs in it
mount.devfs;
devfs_ruleset = "53";
enforce_statfs = "1";
allow.raw_sockets;                  # ping
exec.clean;
exec.start = "/bin/sh /etc/rc";
exec.stop = "/bin/sh /etc/rc.shutdown jail";
exec.consolelog = "/var/log/jail_${name}_console.log";

# ipsec: routes to the other sites, and runs dynvpn
host2-ipsec {
    path = "/jails/host2-ipsec";
    host.hostname = "ipsec.host2";
}

# vpndns: answers DNS
host2-vpndns {
    path = "/jails/host2-vpndns";
    host.hostname = "vpndns.host2";
}

# vpn1: has a session to a provider
host2-vpn1 {
    path = "/jails/host2-vpn1";
    host.hostname = "vpn1.host2";
}

# vpn2: has a session to a provider
host2-vpn2 {
    path = "/jails/host2-vpn2";
    host.hostname = "vpn2.host2";
}
END
}

text_2() {
  cat <<'END'
# host2: for /etc/devfs.rules (devfs.rules(5)).
# What a jail with a tunnel sees: the devices of any jail, tun(4) for OpenVPN, bpf(4) for tcpdump.
[devfsrules_vpncore=53]
add include $devfsrules_hide_all
add include $devfsrules_unhide_basic
add include $devfsrules_unhide_login
add path 'tun*' unhide
add path 'bpf*' unhide
END
}

text_3() {
  cat <<'END'
# host2: for /boot/loader.conf (loader.conf(5)): what vpnjail loads, from the start.
# The host lets pass what no rule refuses, as it did without ipfw; take this away once it has rules of its own that end with a refusal.
net.inet.ip.fw.default_to_accept="1"
if_bridge_load="YES"    # the bridges
if_epair_load="YES"     # wires between the bridges and the jails
if_gre_load="YES"       # clients' tunnels
ipfw_load="YES"         # rules
ipfw_nat_load="YES"     # translations
ipsec_load="YES"        # IPsec
END
}

text_4() {
  cat <<'END'
# host2: for /etc/sysctl.conf (sysctl.conf(5)), as vpnjail sets them.
# it passes packets on
net.inet.ip.forwarding=1
# it tells nobody of a shorter way: the router is on the same bridge as who asks for it
net.inet.ip.redirect=0
# a packet that was translated is judged by the rules behind, the administrator's among them
net.inet.ip.fw.one_pass=0
# rules judge what is routed, not what a bridge's members hand to each other
net.link.bridge.pfil_member=0
# nor what the bridge does
net.link.bridge.pfil_bridge=0
END
}

text_5() {
  cat <<'END'
# host2: the host's rules for ipfw(8), a command a line.

# Containers go out with the host's address; the tunnels of other sites end at the router.
nat 20 config if igb0 same_ports redirect_port udp 192.168.2.4:500 500 redirect_port udp 192.168.2.4:4500 4500

# Who is who.
table vpncore-hidden create type addr or-flush
table vpncore-hidden add 10.0.254.0/24
table vpncore-hidden add 10.15.0.0/16
table vpncore-hidden add 192.168.7.0/24
table vpncore-wan create type addr or-flush
table vpncore-wan add 10.0.254.0/24
table vpncore-wan add 100.64.0.0/16
table vpncore-wan add 10.15.0.0/16
table vpncore-wan add 192.168.2.0/24
table vpncore-wan add 192.168.1.0/24
table vpncore-wan add 192.168.3.0/24
table vpncore-wan add 172.16.3.0/24
table vpncore-wan add 192.168.7.0/24
table vpncore-peers create type addr or-flush
table vpncore-peers add 203.0.113.1
table vpncore-peers add 203.0.113.3
table vpncore-upstreams create type addr or-flush
table vpncore-upstreams add 9.9.9.9
table vpncore-upstreams add 149.112.112.112
table vpncore-services create type addr or-flush
table vpncore-vpns create type addr or-flush
table vpncore-vpns add 192.168.2.51
table vpncore-vpns add 192.168.2.52
# What the names of the providers' servers stand for.
table vpncore-servers create type addr missing

# The router knows which site serves an address that VPNs share; only what it sends goes to the containers here.
add 30 set 20 fwd 192.168.2.4 ip from any to 10.0.254.0/24 in not recv bridge0 not dst-ip me
add 31 set 20 skipto 40 ip from 192.168.2.4 to 10.0.254.0/24 in recv bridge0
add 32 set 20 fwd 192.168.2.4 ip from 192.168.2.0/24 to 10.0.254.0/24 in recv bridge0 not dst-ip me

# What belongs to the WAN never shows on the Internet, in either direction.
add 40 set 20 deny ip from table(vpncore-hidden) to any out xmit igb0
add 41 set 20 deny ip from any to table(vpncore-wan) out xmit igb0
add 42 set 20 deny ip from table(vpncore-wan) to any in recv igb0

# The router reaches its peers, vpndns its upstreams, VPNs the servers of their providers, services all; who else is in the site reaches nothing.
add 50 set 20 nat 20 udp from 192.168.2.4 to table(vpncore-peers) 500,4500 out xmit igb0
add 51 set 20 nat 20 ip from 192.168.2.3 to table(vpncore-upstreams) out xmit igb0
add 52 set 20 nat 20 ip from table(vpncore-vpns) to table(vpncore-servers) out xmit igb0
add 53 set 20 nat 20 ip from table(vpncore-services) to any out xmit igb0
add 54 set 20 deny ip from 192.168.2.0/24 to any out xmit igb0
# Answers, and the tunnels of other sites; nobody else reaches the router.
add 55 set 20 nat 20 ip from any to me in recv igb0
add 56 set 20 deny ip from not table(vpncore-peers) to 192.168.2.4 in recv igb0

# All of the above is in force: which rules these are.
table vpncore-rules create type number or-flush
table vpncore-rules add 1277427559
END
}

text_6() {
  cat <<'END'
# ipsec of host2: /etc/rc.conf.local of the jail (rc.conf(5)).
# Nothing listens but what this jail is for.
syslogd_flags="-ss"
sendmail_enable="NONE"
sshd_enable="NO"
# cron(8) runs newsyslog(8).
cron_enable="YES"
clear_tmp_enable="YES"
# IPv4 only: there is no way out by IPv6.
ipv6_activate_all_interfaces="NO"
# It passes packets on.
gateway_enable="YES"
# FRR: one configuration for all daemons.
frr_enable="YES"
frr_vtysh_boot="YES"
frr_daemons="zebra staticd bgpd bfdd"
# strongSwan: swanctl.conf.
strongswan_interface="vici"
END
}

text_7() {
  cat <<'END'
# ipsec of host2 asks the DNS server of the site (resolver(5)).
nameserver 192.168.2.3
END
}

text_8() {
  cat <<'END'
# ipsec of host2, the router: rules for ipfw(8), a command a line.
# Load them anew with: ipfw -q FILE

-f flush
# A packet that was translated goes on to the next rule.
disable one_pass
table links create type iface or-flush
table links add to-host1
table links add to-host3
table wan create type addr or-flush
table wan add 10.0.254.0/24
table wan add 100.64.0.0/16
table wan add 10.15.0.0/16
table wan add 192.168.1.0/24
table wan add 192.168.2.0/24
table wan add 192.168.3.0/24
table wan add 172.16.3.0/24
add 100 allow ip from any to any via lo0
add 110 deny ip6 from any to any
# By the links nobody comes in with an address of this site: with interfaces, no selector of IPsec sees to that.
add 120 deny log ip from 192.168.2.0/24 to any in recv table(links)
add 1000 allow ip from any to any

# All of the above is in force: which rules these are.
table rules create type number or-flush
table rules add 2457754436
END
}

text_9() {
  cat <<'END'
# ipsec of host2: logs (newsyslog.conf(5)), a week of days, or 10 MB each.
# file  mode  count  kB  when  flags  process  signal
/var/log/dynvpn.log  640  7  10000  @T00  JC  /var/run/dynvpn.pid  1
END
}

text_10() {
  cat <<'END'
# host2-ipsec: ssh_config(5), how dynvpn's scripts reach the sessions.
Host *
    User root
    IdentityFile /var/run/vpncore/host2/ipsec/session_key
    IdentitiesOnly yes
    UserKnownHostsFile /var/run/vpncore/host2/ipsec/known_hosts.vpn1 /var/run/vpncore/host2/ipsec/known_hosts.vpn2
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 5
END
}

text_11() {
  cat <<'END'
#!/bin/sh
# check-pid.sh NAME LOCAL_ADDR VPN_DIR: does a session run? (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
exec ssh -F /var/run/vpncore/host2/ipsec/ssh_config "$2" pid
END
}

text_12() {
  cat <<'END'
#!/bin/sh
# vpn-set-online.sh NAME LOCAL_ADDR VPN_DIR SITE GATEWAY: starts a session (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
exec ssh -F /var/run/vpncore/host2/ipsec/ssh_config "$2" online
END
}

text_13() {
  cat <<'END'
#!/bin/sh
# vpn-set-offline.sh NAME LOCAL_ADDR VPN_DIR: ends a session, if there is one (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
exec ssh -F /var/run/vpncore/host2/ipsec/ssh_config "$2" offline
END
}

text_14() {
  cat <<'END'
#!/bin/sh
# vpn-check-online.sh LOCAL_ADDR TIMEOUT NAME: does it carry anything? (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
exec ssh -F /var/run/vpncore/host2/ipsec/ssh_config "$1" "check $2"
END
}

text_15() {
  cat <<'END'
#!/bin/sh
# add-vpn-route.sh ANYCAST GATEWAY: puts the route in place (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
/sbin/route -nq delete -host "$1" >/dev/null 2>&1 || true
exec /sbin/route -nq add -host "$1" "$2"
END
}

text_16() {
  cat <<'END'
#!/bin/sh
# delete-vpn-route.sh ANYCAST: removes the route (host2, made by vpnjail for dynvpn's vpn-script)
set -eu
exec /sbin/route -nq delete -host "$1"
END
}

text_17() {
  cat <<'END'
# host2: the HA daemon, which keeps each VPN online at one site.
# Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.

host2 {
    config global.yml local.yml {
        state /var/db/vpncore/host2/ipsec
    }
    vpn-script /var/run/vpncore/host2/ipsec/scripts
    route freebsd

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

text_18() {
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

text_19() {
  cat <<'END'
# host2: for its HA daemon alone.
# Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.

site_id: host2
local_vpn_dir: /var/run/vpncore/host2/vpn

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

text_20() {
  cat <<'END'
! host2: its router. Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.
frr defaults traditional
hostname host2
log syslog informational
!
! What each site owns: its network, its prefixes, and the addresses of VPNs that it can run.
ip prefix-list of-host1 seq 5 permit 192.168.1.0/24
ip prefix-list of-host1 seq 10 permit 10.0.254.51/32
ip prefix-list of-host1 seq 15 permit 10.0.254.52/32
bgp as-path access-list from-host1 seq 5 permit (^|_)64601$
ip prefix-list of-host3 seq 5 permit 192.168.3.0/24
ip prefix-list of-host3 seq 10 permit 172.16.3.0/24
ip prefix-list of-host3 seq 15 permit 10.0.254.51/32
ip prefix-list of-host3 seq 20 permit 10.0.254.52/32
bgp as-path access-list from-host3 seq 5 permit (^|_)64603$
ip prefix-list own seq 5 permit 192.168.2.0/24
ip prefix-list own seq 10 permit 10.0.254.51/32
ip prefix-list own seq 15 permit 10.0.254.52/32
bgp as-path access-list here seq 5 permit ^$
ip prefix-list vpns seq 5 permit 10.0.254.51/32
ip prefix-list vpns seq 10 permit 10.0.254.52/32
!
! What is believed: a route that ends at the site that owns it, whoever hands it on.
route-map believed permit 10
 match ip address prefix-list of-host1
 match as-path from-host1
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
 match ip address prefix-list of-host1
 match as-path from-host1
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
 set src 192.168.2.4
exit
ip protocol bgp route-map source
!
router bgp 64602
 bgp router-id 192.168.2.4
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
 neighbor 100.64.0.0 remote-as 64601
 neighbor 100.64.0.0 peer-group sites
 neighbor 100.64.0.0 description host1
 neighbor 100.64.0.5 remote-as 64603
 neighbor 100.64.0.5 peer-group sites
 neighbor 100.64.0.5 description host3
 address-family ipv4 unicast
  network 192.168.2.0/24
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

text_21() {
  cat <<'END'
# host2: strongSwan's daemon (strongswan.conf(5)).
# Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.

charon {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints revocation hmac sha1 sha2 aes gcm kdf curve25519 socket-default vici kernel-pfkey kernel-pfroute
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
}
END
}

text_22() {
  cat <<'END'
# host2: its peers (swanctl.conf(5)).
# Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.
# The private key is the one in the directory private/ beside this file.

connections {
    host1 {
        version = 2
        local_addrs = 192.168.2.4
        remote_addrs = 203.0.113.1
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
            certs = /etc/vpncore/host2.crt
            id = host2.example.net
        }
        remote {
            auth = pubkey
            id = host1.example.net
            cacerts = /etc/vpncore/wan-ca.crt
        }
        children {
            host1 {
                # Whatever is routed into to-host1.
                local_ts = 0.0.0.0/0
                remote_ts = 0.0.0.0/0
                reqid = 1
                policies = no
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
        local_addrs = 192.168.2.4
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
            certs = /etc/vpncore/host2.crt
            id = host2.example.net
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
                reqid = 3
                policies = no
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

text_23() {
  cat <<'END'
7202b1ccc2a5
END
}

text_24() {
  cat <<'END'
b8ede2a0276a
END
}

text_25() {
  cat <<'END'
# vpndns of host2: /etc/rc.conf.local of the jail (rc.conf(5)).
# Nothing listens but what this jail is for.
syslogd_flags="-ss"
sendmail_enable="NONE"
sshd_enable="NO"
# cron(8) runs newsyslog(8).
cron_enable="YES"
clear_tmp_enable="YES"
# IPv4 only: there is no way out by IPv6.
ipv6_activate_all_interfaces="NO"
# vpndns runs as the user vpndns, who may take port 53 here: see the plan, net.inet.ip.portrange.reservedhigh.
END
}

text_26() {
  cat <<'END'
# vpndns of host2 asks the DNS server of the site (resolver(5)).
nameserver 192.168.2.3
END
}

text_27() {
  cat <<'END'
# vpndns of host2, the DNS server: rules for ipfw(8), a command a line.
# Load them anew with: ipfw -q FILE

-f flush
# A packet that was translated goes on to the next rule.
disable one_pass
add 110 deny ip6 from any to any
add 1000 allow ip from any to any

# All of the above is in force: which rules these are.
table rules create type number or-flush
table rules add 3839913652
END
}

text_28() {
  cat <<'END'
# vpndns of host2: logs (newsyslog.conf(5)), a week of days, or 10 MB each.
# file  mode  count  kB  when  flags  process  signal
/var/log/vpndns.log  640  7  10000  @T00  JC  /var/run/vpndns.pid  1
END
}

text_29() {
  cat <<'END'
# host2: the DNS server, which asks for each client by the VPN that carries its traffic.
# Made by vpnjail from /etc/vpncore/host2.yml; what is changed here lasts until it is made again.

. {
    bind 192.168.2.3 127.0.0.1

    acl {
        # Clients of a VPN ask by way of its container. From one that comes here by itself nothing is taken: it would be asked for outside its VPN.
        block net 10.0.254.0/24 10.15.0.0/16
        block net 192.168.7.0/24 # guests
        allow net 192.168.2.0/24 127.0.0.1
        drop
    }

    static /etc/vpncore/static.txt

    blocklist {
        dir /etc/vpncore/blocklists
        exceptions /var/db/vpncore/host2/vpndns/exceptions.json
    }

    # Private names are no provider's business.
    local
    cache

    source-policy-forward {
        # Zones of our own, whoever asks.
        zone corp.example to 192.168.1.20

        # A VPN's questions go back into its container, and from there into its tunnel. Without a session they go nowhere: SERVFAIL.
        identity 192.168.2.51 # vpn1, dynvpn1
        identity 192.168.2.52 # vpn2, dynvpn2

        # The site itself, which has no VPN.
        from 192.168.2.0/24 127.0.0.1 to 9.9.9.9 149.112.112.112
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

text_30() {
  cat <<'END'
29d5242b15e9
END
}

text_31() {
  cat <<'END'
# vpn1 of host2: /etc/rc.conf.local of the jail (rc.conf(5)).
# Nothing listens but what this jail is for.
syslogd_flags="-ss"
sendmail_enable="NONE"
sshd_enable="NO"
# cron(8) runs newsyslog(8).
cron_enable="YES"
clear_tmp_enable="YES"
# IPv4 only: there is no way out by IPv6.
ipv6_activate_all_interfaces="NO"
# It passes packets on.
gateway_enable="YES"
# The router starts and ends the session by ssh(1); the key is vpnjail's.
sshd_flags="-f /var/run/vpncore/host2/vpn1/sshd_config"
sshd_rsa_enable="NO"
sshd_ecdsa_enable="NO"
sshd_ed25519_enable="NO"
END
}

text_32() {
  cat <<'END'
# Nothing in this jail asks for names: a query would leave by the wrong way. The names of the servers that it may reach stand in hosts.
END
}

text_33() {
  cat <<'END'
# vpn1 of host2, a VPN: clients leave by the tunnel, or not at all: rules for ipfw(8), a command a line.
# Load them anew with: ipfw -q FILE

-f flush
# A packet that was translated goes on to the next rule.
disable one_pass
# 1: clients leave with the tunnel's address, whatever it is today; nobody comes in by it uninvited.
nat 1 config if tun51 deny_in reset same_ports
# 2, which leads questions to our port 53 to the provider's resolver, is configured by the session.
# 3: clients may ask any of our resolvers; it is the one beside us that answers, under the address that was asked.
nat 3 config ip 10.0.254.3 redirect_port udp 192.168.2.3:53 10.0.254.3:53 redirect_port tcp 192.168.2.3:53 10.0.254.3:53 redirect_port udp 192.168.2.3:53 192.168.1.3:53 redirect_port tcp 192.168.2.3:53 192.168.1.3:53 redirect_port udp 192.168.2.3:53 192.168.2.3:53 redirect_port tcp 192.168.2.3:53 192.168.2.3:53 redirect_port udp 192.168.2.3:53 192.168.3.3:53 redirect_port tcp 192.168.2.3:53 192.168.3.3:53
# 4: and they ask under our own address: it tells the resolver whose session to use.
nat 4 config ip 192.168.2.51 deny_in

# Who is who.
table wires create type iface or-flush
table wires add epair51b
table wires add epair1051b
table own create type addr or-flush
table own add 192.168.2.51
table own add 10.0.254.51
table site create type addr or-flush
table site add 192.168.2.0/24
table clients create type iface or-flush
table clients add gre1
table endpoints create type addr or-flush
table endpoints add 172.16.3.2
table behind create type addr or-flush
table behind add 10.15.0.6/32
table dns-addresses create type addr or-flush
table dns-addresses add 10.0.254.3
table dns-addresses add 192.168.1.3
table dns-addresses add 192.168.2.3
table dns-addresses add 192.168.3.3
table dns-users create type addr or-flush
table dns-users add 192.168.0.0/16
table dns-users add 172.16.0.0/12
table dns-users add 192.168.2.3
table blocked create type addr or-flush
table blocked add 8.8.8.8/32
table blocked add 8.8.4.4/32
table blocked add 1.1.1.1/32
table blocked add 1.0.0.1/32
table blocked add 9.9.9.9/32
table checks create type addr or-flush
table checks add 1.1.1.1
table checks add 8.8.8.8
# What the session has learned, and what the names of the provider's servers stand for.
table resolver create type addr missing
table servers create type addr missing

# Whole packets, of IPv4 only; no tunnel in the tunnel.
add 100 allow ip from me to me via lo0
add 110 deny ip6 from any to any
add 120 deny gre from any to any via tun51
add 130 reass ip from any to any in

# Coming in: translated, then judged by the rules below.
add 200 nat 1 ip from any to any in recv tun51
add 210 nat 4 udp from 192.168.2.3 53 to 192.168.2.51 in recv epair51b
add 210 nat 4 tcp from 192.168.2.3 53 to 192.168.2.51 in recv epair51b
add 220 nat 3 udp from any to table(dns-addresses) 53 in recv table(clients)
add 220 nat 3 tcp from any to table(dns-addresses) 53 in recv table(clients)
add 230 nat 2 udp from table(dns-users) to table(own) 53 in recv table(wires)
add 230 nat 2 tcp from table(dns-users) to table(own) 53 in recv table(wires)

# Clients: each by its own tunnel; our resolver, and no other; the Internet; a ping to us.
add 300 deny log ip from any to any in recv table(clients) not verrevpath
add 310 allow udp from any to 192.168.2.3 53 in recv table(clients)
add 310 allow tcp from any to 192.168.2.3 53 in recv table(clients)
add 320 reset tcp from any to any 53 in recv table(clients)
add 320 unreach port udp from any to any 53 in recv table(clients)
add 330 unreach filter-prohib ip from any to table(blocked) in recv table(clients)
add 340 allow icmp from any to me in recv table(clients) icmptypes 0,3,8,11
add 350 deny ip from any to me in recv table(clients)
add 360 allow ip from any to any in recv table(clients)

# By the tunnel: answers only; the translation has refused the rest.
add 400 allow ip from any to any in recv tun51
# By the wires: clients' tunnels, the provider's packets, answers of our resolver, pings.
add 410 allow gre from table(endpoints) to 10.0.254.51 in recv table(wires)
add 420 allow udp from table(servers) 1194 to 192.168.2.51 in recv epair51b
add 430 allow udp from 192.168.2.3 53 to table(behind) in recv epair51b
add 430 allow tcp from 192.168.2.3 53 to table(behind) in recv epair51b
# Questions to the provider's resolver; without a session there is none, and who asks learns it at once.
add 440 allow udp from table(dns-users) to table(resolver) 53 in recv table(wires)
add 440 allow tcp from table(dns-users) to table(resolver) 53 in recv table(wires)
add 450 reset tcp from table(dns-users) to table(own) 53 in recv table(wires)
add 450 unreach port udp from table(dns-users) to table(own) 53 in recv table(wires)
# The router starts and stops the session.
add 460 allow tcp from 192.168.2.4 to 192.168.2.51 22 in recv epair51b
add 470 allow icmp from table(site) to table(own) in recv table(wires) icmptypes 0,3,8,11

# Going out: translated, then judged by the rules below.
add 500 nat 3 udp from 192.168.2.3 53 to any out xmit table(clients)
add 500 nat 3 tcp from 192.168.2.3 53 to any out xmit table(clients)
add 510 nat 2 udp from table(resolver) 53 to table(dns-users) out recv tun51
add 510 nat 2 tcp from table(resolver) 53 to table(dns-users) out recv tun51
add 520 nat 4 udp from table(behind) to 192.168.2.3 53 out recv table(clients) xmit epair51b
add 520 nat 4 tcp from table(behind) to 192.168.2.3 53 out recv table(clients) xmit epair51b
add 530 nat 1 ip from any to any out xmit tun51

# From client to tunnel and back, and nowhere else.
add 600 allow ip from any to any out recv table(clients) xmit tun51
add 610 allow ip from any to any out recv tun51 xmit table(clients)
# Clients' questions to our resolver, and its answers.
add 620 allow udp from 192.168.2.51 to 192.168.2.3 53 out recv table(clients) xmit epair51b
add 620 allow tcp from 192.168.2.51 to 192.168.2.3 53 out recv table(clients) xmit epair51b
add 630 allow udp from table(dns-addresses) 53 to any out recv epair51b xmit table(clients)
add 630 allow tcp from table(dns-addresses) 53 to any out recv epair51b xmit table(clients)
# Questions to the provider's resolver, and its answers.
add 640 allow udp from any to table(resolver) 53 out recv table(wires) xmit tun51
add 640 allow tcp from any to table(resolver) 53 out recv table(wires) xmit tun51
add 650 allow udp from table(own) 53 to table(dns-users) out recv tun51 xmit table(wires)
add 650 allow tcp from table(own) 53 to table(dns-users) out recv tun51 xmit table(wires)
# Our own: clients' tunnels, the session, its checks, who starts and stops it, errors and pings.
add 660 allow gre from 10.0.254.51 to table(endpoints) out xmit table(wires)
add 670 allow udp from 192.168.2.51 to table(servers) 1194 out xmit epair51b
add 680 allow icmp from me to table(checks) out xmit tun51 icmptypes 8
add 690 allow tcp from 192.168.2.51 22 to 192.168.2.4 out xmit epair51b
add 700 allow icmp from me to any out xmit table(clients) icmptypes 0,3,11
add 710 allow icmp from table(own) to table(site) out xmit table(wires) icmptypes 0,3,8,11
# Nothing else: rule 65534, which no flush removes.

# All of the above is in force: which rules these are.
table rules create type number or-flush
table rules add 2794224624
END
}

text_34() {
  cat <<'END'
#!/bin/sh
# host2-vpn1: the session of dynvpn1. vpnjail made this file.
#   online    start it               pid       does it run?
#   offline   end it                 check N   does the tunnel carry anything, within N seconds?
#   up, down  for OpenVPN: the tunnel is there, or gone
# Rules are not touched: with a session and without they refuse all but the tunnel (ipfw.rules).
set -eu
PATH=${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

configuration=/etc/vpncore/provider-a/paris.ovpn
tunnel=tun51
local=192.168.2.51
anycast=10.0.254.51
# The provider's resolver; empty: what the provider says.
resolver=''
directory=/etc/vpncore/provider-a
pidfile=/var/run/vpncore-session.pid
log=/var/log/vpncore-session.log

runs() { pgrep -F "$pidfile" openvpn >/dev/null 2>&1; }

start() {
    # The tunnel's interface is there already; addresses and routes are ours to set, and OpenVPN ends when that fails.
    openvpn --cd "$directory" --config "$configuration" --dev "$tunnel" --dev-type tun \
        --route-noexec --ifconfig-noexec --script-security 2 --up "$0 up" --down "$0 down" --up-restart \
        --ping 5 --ping-restart 20 --daemon vpncore --writepid "$pidfile" --log "$log"
}

end() {
    pkill -TERM -F "$pidfile" openvpn || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        runs || break
        sleep 0.5
    done
    if runs; then pkill -KILL -F "$pidfile" openvpn; fi
    rm -f "$pidfile"
}

# The tunnel is there: clients go by it, and questions to our port 53 to the provider's resolver.
take() {
    # openvpn(8), SCRIPTING: the numbers are in the environment.
    # shellcheck disable=SC2154
    ifconfig "$tunnel" inet "$ifconfig_local" "$route_vpn_gateway" netmask "${ifconfig_netmask:-255.255.255.255}" mtu "${tun_mtu:-1500}" up
    way=$route_vpn_gateway
    says=$(env | sed -n 's/^foreign_option_[0-9]*=dhcp-option DNS \([0-9.]*\)$/\1/p' | head -n 1)
    says=${says:-$route_vpn_gateway}
    route -nq delete default >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # it may be two words
    route -nq add default $way
    learn "${resolver:-$says}"
}

learn() {
    ipfw -q nat 2 config ip "$local" \
        redirect_port udp "$1:53" "$local:53" redirect_port tcp "$1:53" "$local:53" \
        redirect_port udp "$1:53" "$anycast:53" redirect_port tcp "$1:53" "$anycast:53"
    ipfw -q table resolver flush
    ipfw -q table resolver add "$1"
}

# It is gone.
forget() {
    ipfw -q table resolver flush
    ipfw -q nat 2 config ip "$local"
    route -nq delete default >/dev/null 2>&1 || true
}

online() {
    # Nothing begins but behind the rules.
    ipfw list 65534 >/dev/null
    runs || start
}

offline() {
    if runs; then end; fi
    forget
}

# All targets at once; the first answer is enough.
check() {
    trap 'exit 0' USR1
    for target in 1.1.1.1 8.8.8.8; do
        { ping -n -q -c 1 -t "$1" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
    done
    wait
    echo 'nothing answers through the tunnel'
    exit 1
}

# Over ssh it is this script that runs, whatever was asked for; what was asked for is its first words.
if [ -n "${SSH_ORIGINAL_COMMAND:-}" ]; then
    # shellcheck disable=SC2086 # words
    set -- $SSH_ORIGINAL_COMMAND
fi
case "${1:-}" in
    online | offline) "$1" ;;
    up) take ;;
    down) forget ;;
    pid) runs ;;
    check)
        case "${2:-}" in '' | *[!0-9]*) echo 'check takes seconds' >&2; exit 2 ;; esac
        check "$2" ;;
    *) echo "usage: $0 online | offline | pid | check SECONDS" >&2; exit 2 ;;
esac
END
}

text_35() {
  cat <<'END'
# host2-vpn1: sshd_config(5). The router may run the session's script, and nothing else.
ListenAddress 192.168.2.51
HostKey /var/run/vpncore/host2/vpn1/ssh_host_key
AuthorizedKeysFile /var/run/vpncore/host2/vpn1/session_key.pub
AllowUsers root@192.168.2.4
PermitRootLogin prohibit-password
ForceCommand /var/run/vpncore/host2/vpn1/session.sh
PasswordAuthentication no
KbdInteractiveAuthentication no
DisableForwarding yes
PermitTTY no
UseDNS no
END
}

text_36() {
  cat <<'END'
#!/bin/sh
# host2-vpn1: the servers of its provider, by number. vpnjail made this file.
#   servers.sh        look them up, and let the container reach them
#   servers.sh test   is that done?
set -eu
PATH=${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

jail=host2-vpn1
servers='paris.provider-a.example 198.51.100.33'
hosts=/jails/host2-vpn1/etc/hosts

if [ "${1:-}" = test ]; then
    grep -qxF "# vpncore: $servers" "$hosts" && jexec "$jail" ipfw table servers list | grep -q '[0-9]'
    exit
fi

new=$(mktemp "$hosts.XXXXXX")
trap 'rm -f "$new"' EXIT
chmod 644 "$new"
printf '127.0.0.1 localhost\n# vpncore: %s\n' "$servers" >"$new"
for server in $servers; do
    # A name has several addresses; an address is its own. There is no IPv6 in the container.
    addresses=$(getent hosts "$server" | awk '$1 ~ /^[0-9.]+$/ { print $1 }')
    [ -n "$addresses" ] || { echo "$server has no IPv4 address" >&2; exit 1; }
    for address in $addresses; do
        [ "$address" = "$server" ] || echo "$address $server" >>"$new"
        # By the wire, whatever the default route is: that is the tunnel.
        jexec "$jail" route -nq delete -host "$address" >/dev/null 2>&1 || true
        jexec "$jail" route -nq add -host "$address" 192.168.2.1
        jexec "$jail" ipfw -q table servers add "$address"
        ipfw -q table vpncore-servers add "$address"
    done
done
mv -f "$new" "$hosts"
END
}

text_37() {
  cat <<'END'
50777c518a27
END
}

text_38() {
  cat <<'END'
# vpn2 of host2: /etc/rc.conf.local of the jail (rc.conf(5)).
# Nothing listens but what this jail is for.
syslogd_flags="-ss"
sendmail_enable="NONE"
sshd_enable="NO"
# cron(8) runs newsyslog(8).
cron_enable="YES"
clear_tmp_enable="YES"
# IPv4 only: there is no way out by IPv6.
ipv6_activate_all_interfaces="NO"
# It passes packets on.
gateway_enable="YES"
# The router starts and ends the session by ssh(1); the key is vpnjail's.
sshd_flags="-f /var/run/vpncore/host2/vpn2/sshd_config"
sshd_rsa_enable="NO"
sshd_ecdsa_enable="NO"
sshd_ed25519_enable="NO"
END
}

text_39() {
  cat <<'END'
# vpn2 of host2, a VPN: clients leave by the tunnel, or not at all: rules for ipfw(8), a command a line.
# Load them anew with: ipfw -q FILE

-f flush
# A packet that was translated goes on to the next rule.
disable one_pass
# 1: clients leave with the tunnel's address, whatever it is today; nobody comes in by it uninvited.
nat 1 config if tun52 deny_in reset same_ports
# 2, which leads questions to our port 53 to the provider's resolver, is configured by the session.
# 3: clients may ask any of our resolvers; it is the one beside us that answers, under the address that was asked.
nat 3 config ip 10.0.254.3 redirect_port udp 192.168.2.3:53 10.0.254.3:53 redirect_port tcp 192.168.2.3:53 10.0.254.3:53 redirect_port udp 192.168.2.3:53 192.168.1.3:53 redirect_port tcp 192.168.2.3:53 192.168.1.3:53 redirect_port udp 192.168.2.3:53 192.168.2.3:53 redirect_port tcp 192.168.2.3:53 192.168.2.3:53 redirect_port udp 192.168.2.3:53 192.168.3.3:53 redirect_port tcp 192.168.2.3:53 192.168.3.3:53
# 4: and they ask under our own address: it tells the resolver whose session to use.
nat 4 config ip 192.168.2.52 deny_in

# Who is who.
table wires create type iface or-flush
table wires add epair52b
table wires add epair1052b
table own create type addr or-flush
table own add 192.168.2.52
table own add 10.0.254.52
table site create type addr or-flush
table site add 192.168.2.0/24
table clients create type iface or-flush
table clients add gre2
table endpoints create type addr or-flush
table endpoints add 192.168.1.4
table behind create type addr or-flush
table behind add 10.15.0.10/32
table behind add 192.168.7.0/24
table dns-addresses create type addr or-flush
table dns-addresses add 10.0.254.3
table dns-addresses add 192.168.1.3
table dns-addresses add 192.168.2.3
table dns-addresses add 192.168.3.3
table dns-users create type addr or-flush
table dns-users add 192.168.0.0/16
table dns-users add 172.16.0.0/12
table dns-users add 192.168.2.3
table blocked create type addr or-flush
table blocked add 8.8.8.8/32
table blocked add 8.8.4.4/32
table blocked add 1.1.1.1/32
table blocked add 1.0.0.1/32
table blocked add 9.9.9.9/32
table checks create type addr or-flush
table checks add 1.1.1.1
table checks add 8.8.8.8
# What the session has learned, and what the names of the provider's servers stand for.
table resolver create type addr missing
table servers create type addr missing

# Whole packets, of IPv4 only; no tunnel in the tunnel.
add 100 allow ip from me to me via lo0
add 110 deny ip6 from any to any
add 120 deny gre from any to any via tun52
add 130 reass ip from any to any in

# Coming in: translated, then judged by the rules below.
add 200 nat 1 ip from any to any in recv tun52
add 210 nat 4 udp from 192.168.2.3 53 to 192.168.2.52 in recv epair52b
add 210 nat 4 tcp from 192.168.2.3 53 to 192.168.2.52 in recv epair52b
add 220 nat 3 udp from any to table(dns-addresses) 53 in recv table(clients)
add 220 nat 3 tcp from any to table(dns-addresses) 53 in recv table(clients)
add 230 nat 2 udp from table(dns-users) to table(own) 53 in recv table(wires)
add 230 nat 2 tcp from table(dns-users) to table(own) 53 in recv table(wires)

# Clients: each by its own tunnel; our resolver, and no other; the Internet; a ping to us.
add 300 deny log ip from any to any in recv table(clients) not verrevpath
add 310 allow udp from any to 192.168.2.3 53 in recv table(clients)
add 310 allow tcp from any to 192.168.2.3 53 in recv table(clients)
add 320 reset tcp from any to any 53 in recv table(clients)
add 320 unreach port udp from any to any 53 in recv table(clients)
add 330 unreach filter-prohib ip from any to table(blocked) in recv table(clients)
add 340 allow icmp from any to me in recv table(clients) icmptypes 0,3,8,11
add 350 deny ip from any to me in recv table(clients)
add 360 allow ip from any to any in recv table(clients)

# By the tunnel: answers only; the translation has refused the rest.
add 400 allow ip from any to any in recv tun52
# By the wires: clients' tunnels, the provider's packets, answers of our resolver, pings.
add 410 allow gre from table(endpoints) to 10.0.254.52 in recv table(wires)
add 420 allow tcp from table(servers) 443 to 192.168.2.52 in recv epair52b
add 430 allow udp from 192.168.2.3 53 to table(behind) in recv epair52b
add 430 allow tcp from 192.168.2.3 53 to table(behind) in recv epair52b
# Questions to the provider's resolver; without a session there is none, and who asks learns it at once.
add 440 allow udp from table(dns-users) to table(resolver) 53 in recv table(wires)
add 440 allow tcp from table(dns-users) to table(resolver) 53 in recv table(wires)
add 450 reset tcp from table(dns-users) to table(own) 53 in recv table(wires)
add 450 unreach port udp from table(dns-users) to table(own) 53 in recv table(wires)
# The router starts and stops the session.
add 460 allow tcp from 192.168.2.4 to 192.168.2.52 22 in recv epair52b
add 470 allow icmp from table(site) to table(own) in recv table(wires) icmptypes 0,3,8,11

# Going out: translated, then judged by the rules below.
add 500 nat 3 udp from 192.168.2.3 53 to any out xmit table(clients)
add 500 nat 3 tcp from 192.168.2.3 53 to any out xmit table(clients)
add 510 nat 2 udp from table(resolver) 53 to table(dns-users) out recv tun52
add 510 nat 2 tcp from table(resolver) 53 to table(dns-users) out recv tun52
add 520 nat 4 udp from table(behind) to 192.168.2.3 53 out recv table(clients) xmit epair52b
add 520 nat 4 tcp from table(behind) to 192.168.2.3 53 out recv table(clients) xmit epair52b
add 530 nat 1 ip from any to any out xmit tun52

# From client to tunnel and back, and nowhere else.
add 600 allow ip from any to any out recv table(clients) xmit tun52
add 610 allow ip from any to any out recv tun52 xmit table(clients)
# Clients' questions to our resolver, and its answers.
add 620 allow udp from 192.168.2.52 to 192.168.2.3 53 out recv table(clients) xmit epair52b
add 620 allow tcp from 192.168.2.52 to 192.168.2.3 53 out recv table(clients) xmit epair52b
add 630 allow udp from table(dns-addresses) 53 to any out recv epair52b xmit table(clients)
add 630 allow tcp from table(dns-addresses) 53 to any out recv epair52b xmit table(clients)
# Questions to the provider's resolver, and its answers.
add 640 allow udp from any to table(resolver) 53 out recv table(wires) xmit tun52
add 640 allow tcp from any to table(resolver) 53 out recv table(wires) xmit tun52
add 650 allow udp from table(own) 53 to table(dns-users) out recv tun52 xmit table(wires)
add 650 allow tcp from table(own) 53 to table(dns-users) out recv tun52 xmit table(wires)
# Our own: clients' tunnels, the session, its checks, who starts and stops it, errors and pings.
add 660 allow gre from 10.0.254.52 to table(endpoints) out xmit table(wires)
add 670 allow tcp from 192.168.2.52 to table(servers) 443 out xmit epair52b
add 680 allow icmp from me to table(checks) out xmit tun52 icmptypes 8
add 690 allow tcp from 192.168.2.52 22 to 192.168.2.4 out xmit epair52b
add 700 allow icmp from me to any out xmit table(clients) icmptypes 0,3,11
add 710 allow icmp from table(own) to table(site) out xmit table(wires) icmptypes 0,3,8,11
# Nothing else: rule 65534, which no flush removes.

# All of the above is in force: which rules these are.
table rules create type number or-flush
table rules add 752783224
END
}

text_40() {
  cat <<'END'
#!/bin/sh
# host2-vpn2: the session of dynvpn2. vpnjail made this file.
#   online    start it               pid       does it run?
#   offline   end it                 check N   does the tunnel carry anything, within N seconds?
#   up, down  for OpenVPN: the tunnel is there, or gone
# Rules are not touched: with a session and without they refuse all but the tunnel (ipfw.rules).
set -eu
PATH=${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

configuration=/etc/vpncore/provider-b/oslo.ovpn
tunnel=tun52
local=192.168.2.52
anycast=10.0.254.52
# The provider's resolver; empty: what the provider says.
resolver=10.66.0.1
directory=/etc/vpncore/provider-b
pidfile=/var/run/vpncore-session.pid
log=/var/log/vpncore-session.log

runs() { pgrep -F "$pidfile" openvpn >/dev/null 2>&1; }

start() {
    # The tunnel's interface is there already; addresses and routes are ours to set, and OpenVPN ends when that fails.
    openvpn --cd "$directory" --config "$configuration" --dev "$tunnel" --dev-type tun \
        --route-noexec --ifconfig-noexec --script-security 2 --up "$0 up" --down "$0 down" --up-restart \
        --ping 5 --ping-restart 20 --daemon vpncore --writepid "$pidfile" --log "$log"
}

end() {
    pkill -TERM -F "$pidfile" openvpn || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        runs || break
        sleep 0.5
    done
    if runs; then pkill -KILL -F "$pidfile" openvpn; fi
    rm -f "$pidfile"
}

# The tunnel is there: clients go by it, and questions to our port 53 to the provider's resolver.
take() {
    # openvpn(8), SCRIPTING: the numbers are in the environment.
    # shellcheck disable=SC2154
    ifconfig "$tunnel" inet "$ifconfig_local" "$route_vpn_gateway" netmask "${ifconfig_netmask:-255.255.255.255}" mtu "${tun_mtu:-1500}" up
    way=$route_vpn_gateway
    says=$(env | sed -n 's/^foreign_option_[0-9]*=dhcp-option DNS \([0-9.]*\)$/\1/p' | head -n 1)
    says=${says:-$route_vpn_gateway}
    route -nq delete default >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # it may be two words
    route -nq add default $way
    learn "${resolver:-$says}"
}

learn() {
    ipfw -q nat 2 config ip "$local" \
        redirect_port udp "$1:53" "$local:53" redirect_port tcp "$1:53" "$local:53" \
        redirect_port udp "$1:53" "$anycast:53" redirect_port tcp "$1:53" "$anycast:53"
    ipfw -q table resolver flush
    ipfw -q table resolver add "$1"
}

# It is gone.
forget() {
    ipfw -q table resolver flush
    ipfw -q nat 2 config ip "$local"
    route -nq delete default >/dev/null 2>&1 || true
}

online() {
    # Nothing begins but behind the rules.
    ipfw list 65534 >/dev/null
    runs || start
}

offline() {
    if runs; then end; fi
    forget
}

# All targets at once; the first answer is enough.
check() {
    trap 'exit 0' USR1
    for target in 1.1.1.1 8.8.8.8; do
        { ping -n -q -c 1 -t "$1" "$target" >/dev/null 2>&1 && kill -s USR1 $$; } &
    done
    wait
    echo 'nothing answers through the tunnel'
    exit 1
}

# Over ssh it is this script that runs, whatever was asked for; what was asked for is its first words.
if [ -n "${SSH_ORIGINAL_COMMAND:-}" ]; then
    # shellcheck disable=SC2086 # words
    set -- $SSH_ORIGINAL_COMMAND
fi
case "${1:-}" in
    online | offline) "$1" ;;
    up) take ;;
    down) forget ;;
    pid) runs ;;
    check)
        case "${2:-}" in '' | *[!0-9]*) echo 'check takes seconds' >&2; exit 2 ;; esac
        check "$2" ;;
    *) echo "usage: $0 online | offline | pid | check SECONDS" >&2; exit 2 ;;
esac
END
}

text_41() {
  cat <<'END'
# host2-vpn2: sshd_config(5). The router may run the session's script, and nothing else.
ListenAddress 192.168.2.52
HostKey /var/run/vpncore/host2/vpn2/ssh_host_key
AuthorizedKeysFile /var/run/vpncore/host2/vpn2/session_key.pub
AllowUsers root@192.168.2.4
PermitRootLogin prohibit-password
ForceCommand /var/run/vpncore/host2/vpn2/session.sh
PasswordAuthentication no
KbdInteractiveAuthentication no
DisableForwarding yes
PermitTTY no
UseDNS no
END
}

text_42() {
  cat <<'END'
#!/bin/sh
# host2-vpn2: the servers of its provider, by number. vpnjail made this file.
#   servers.sh        look them up, and let the container reach them
#   servers.sh test   is that done?
set -eu
PATH=${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

jail=host2-vpn2
servers='oslo.provider-b.example'
hosts=/jails/host2-vpn2/etc/hosts

if [ "${1:-}" = test ]; then
    grep -qxF "# vpncore: $servers" "$hosts" && jexec "$jail" ipfw table servers list | grep -q '[0-9]'
    exit
fi

new=$(mktemp "$hosts.XXXXXX")
trap 'rm -f "$new"' EXIT
chmod 644 "$new"
printf '127.0.0.1 localhost\n# vpncore: %s\n' "$servers" >"$new"
for server in $servers; do
    # A name has several addresses; an address is its own. There is no IPv6 in the container.
    addresses=$(getent hosts "$server" | awk '$1 ~ /^[0-9.]+$/ { print $1 }')
    [ -n "$addresses" ] || { echo "$server has no IPv4 address" >&2; exit 1; }
    for address in $addresses; do
        [ "$address" = "$server" ] || echo "$address $server" >>"$new"
        # By the wire, whatever the default route is: that is the tunnel.
        jexec "$jail" route -nq delete -host "$address" >/dev/null 2>&1 || true
        jexec "$jail" route -nq add -host "$address" 192.168.2.1
        jexec "$jail" ipfw -q table servers add "$address"
        ipfw -q table vpncore-servers add "$address"
    done
done
mv -f "$new" "$hosts"
END
}

text_43() {
  cat <<'END'
e4c4c59f3a89
END
}

text_44() {
  cat <<'END'
8efebed90821
END
}

# host: directories for rendered files, process ids and logs
about_1() { part=host title='host: directories for rendered files, process ids and logs'; }
test_1() {
  test -d /var/run/vpncore &&
  test -d /var/run/vpncore/host2
}
make_1() {
  install -d -m 755 /var/run/vpncore &&
  install -d -m 755 /var/run/vpncore/host2
}
undo_1() {
  failed=no
  { rmdir /var/run/vpncore/host2 >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# host: the file /var/run/vpncore/host2/jail.conf
about_2() { part=host title='host: the file /var/run/vpncore/host2/jail.conf'; }
test_2() {
  text_1 | cmp -s - /var/run/vpncore/host2/jail.conf
}
make_2() {
  install -m 644 /dev/null /var/run/vpncore/host2/jail.conf &&
  text_1 | tee /var/run/vpncore/host2/jail.conf
}
undo_2() {
  failed=no
  rm -f /var/run/vpncore/host2/jail.conf || failed=yes
  [ "$failed" = no ]
}

# host: the file /var/run/vpncore/host2/devfs.rules
about_3() { part=host title='host: the file /var/run/vpncore/host2/devfs.rules'; }
test_3() {
  text_2 | cmp -s - /var/run/vpncore/host2/devfs.rules
}
make_3() {
  install -m 644 /dev/null /var/run/vpncore/host2/devfs.rules &&
  text_2 | tee /var/run/vpncore/host2/devfs.rules
}
undo_3() {
  failed=no
  rm -f /var/run/vpncore/host2/devfs.rules || failed=yes
  [ "$failed" = no ]
}

# host: the file /var/run/vpncore/host2/loader.conf
about_4() { part=host title='host: the file /var/run/vpncore/host2/loader.conf'; }
test_4() {
  text_3 | cmp -s - /var/run/vpncore/host2/loader.conf
}
make_4() {
  install -m 644 /dev/null /var/run/vpncore/host2/loader.conf &&
  text_3 | tee /var/run/vpncore/host2/loader.conf
}
undo_4() {
  failed=no
  rm -f /var/run/vpncore/host2/loader.conf || failed=yes
  [ "$failed" = no ]
}

# host: the file /var/run/vpncore/host2/sysctl.conf
about_5() { part=host title='host: the file /var/run/vpncore/host2/sysctl.conf'; }
test_5() {
  text_4 | cmp -s - /var/run/vpncore/host2/sysctl.conf
}
make_5() {
  install -m 644 /dev/null /var/run/vpncore/host2/sysctl.conf &&
  text_4 | tee /var/run/vpncore/host2/sysctl.conf
}
undo_5() {
  failed=no
  rm -f /var/run/vpncore/host2/sysctl.conf || failed=yes
  [ "$failed" = no ]
}

# host: the file /var/run/vpncore/host2/ipfw.rules
about_6() { part=host title='host: the file /var/run/vpncore/host2/ipfw.rules'; }
test_6() {
  text_5 | cmp -s - /var/run/vpncore/host2/ipfw.rules
}
make_6() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipfw.rules &&
  text_5 | tee /var/run/vpncore/host2/ipfw.rules
}
undo_6() {
  failed=no
  rm -f /var/run/vpncore/host2/ipfw.rules || failed=yes
  [ "$failed" = no ]
}

# host: the kernel's if_bridge, for the bridges
about_7() { part=host title='host: the kernel'\''s if_bridge, for the bridges'; }
test_7() {
  kldstat -q -m if_bridge
}
make_7() {
  kldload -n if_bridge
}
undo_7() {
  failed=no
  [ "$failed" = no ]
}

# host: the kernel's if_epair, for wires between the bridges and the jails
about_8() { part=host title='host: the kernel'\''s if_epair, for wires between the bridges and the jails'; }
test_8() {
  kldstat -q -m if_epair
}
make_8() {
  kldload -n if_epair
}
undo_8() {
  failed=no
  [ "$failed" = no ]
}

# host: the kernel's if_gre, for clients' tunnels
about_9() { part=host title='host: the kernel'\''s if_gre, for clients'\'' tunnels'; }
test_9() {
  kldstat -q -m if_gre
}
make_9() {
  kldload -n if_gre
}
undo_9() {
  failed=no
  [ "$failed" = no ]
}

# host: the kernel's ipfw, for rules
about_10() { part=host title='host: the kernel'\''s ipfw, for rules'; }
test_10() {
  kldstat -q -m ipfw
}
make_10() {
  kenv net.inet.ip.fw.default_to_accept=1 &&
  kldload -n ipfw
}
undo_10() {
  failed=no
  [ "$failed" = no ]
}

# host: the kernel's ipfw_nat, for translations
about_11() { part=host title='host: the kernel'\''s ipfw_nat, for translations'; }
test_11() {
  kldstat -q -m ipfw_nat
}
make_11() {
  kldload -n ipfw_nat
}
undo_11() {
  failed=no
  [ "$failed" = no ]
}

# host: the kernel's if_ipsec, for IPsec
about_12() { part=host title='host: the kernel'\''s if_ipsec, for IPsec'; }
test_12() {
  kldstat -q -m if_ipsec
}
make_12() {
  kldload -n ipsec
}
undo_12() {
  failed=no
  [ "$failed" = no ]
}

# host: it passes packets on (net.inet.ip.forwarding=1)
about_13() { part=host title='host: it passes packets on (net.inet.ip.forwarding=1)'; }
test_13() {
  prints 'net.inet.ip.forwarding: 1' sysctl net.inet.ip.forwarding
}
make_13() {
  sh -c '[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"' sh net.inet.ip.forwarding /var/run/vpncore/host2/net.inet.ip.forwarding &&
  sysctl net.inet.ip.forwarding=1
}
undo_13() {
  failed=no
  sh -c '[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }' sh net.inet.ip.forwarding /var/run/vpncore/host2/net.inet.ip.forwarding || failed=yes
  [ "$failed" = no ]
}

# host: it tells nobody of a shorter way: the router is on the same bridge as who asks for it (net.inet.ip.redirect=0)
about_14() { part=host title='host: it tells nobody of a shorter way: the router is on the same bridge as who asks for it (net.inet.ip.redirect=0)'; }
test_14() {
  prints 'net.inet.ip.redirect: 0' sysctl net.inet.ip.redirect
}
make_14() {
  sh -c '[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"' sh net.inet.ip.redirect /var/run/vpncore/host2/net.inet.ip.redirect &&
  sysctl net.inet.ip.redirect=0
}
undo_14() {
  failed=no
  sh -c '[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }' sh net.inet.ip.redirect /var/run/vpncore/host2/net.inet.ip.redirect || failed=yes
  [ "$failed" = no ]
}

# host: a packet that was translated is judged by the rules behind, the administrator's among them (net.inet.ip.fw.one_pass=0)
about_15() { part=host title='host: a packet that was translated is judged by the rules behind, the administrator'\''s among them (net.inet.ip.fw.one_pass=0)'; }
test_15() {
  prints 'net.inet.ip.fw.one_pass: 0' sysctl net.inet.ip.fw.one_pass
}
make_15() {
  sh -c '[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"' sh net.inet.ip.fw.one_pass /var/run/vpncore/host2/net.inet.ip.fw.one_pass &&
  sysctl net.inet.ip.fw.one_pass=0
}
undo_15() {
  failed=no
  sh -c '[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }' sh net.inet.ip.fw.one_pass /var/run/vpncore/host2/net.inet.ip.fw.one_pass || failed=yes
  [ "$failed" = no ]
}

# host: rules judge what is routed, not what a bridge's members hand to each other (net.link.bridge.pfil_member=0)
about_16() { part=host title='host: rules judge what is routed, not what a bridge'\''s members hand to each other (net.link.bridge.pfil_member=0)'; }
test_16() {
  prints 'net.link.bridge.pfil_member: 0' sysctl net.link.bridge.pfil_member
}
make_16() {
  sh -c '[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"' sh net.link.bridge.pfil_member /var/run/vpncore/host2/net.link.bridge.pfil_member &&
  sysctl net.link.bridge.pfil_member=0
}
undo_16() {
  failed=no
  sh -c '[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }' sh net.link.bridge.pfil_member /var/run/vpncore/host2/net.link.bridge.pfil_member || failed=yes
  [ "$failed" = no ]
}

# host: nor what the bridge does (net.link.bridge.pfil_bridge=0)
about_17() { part=host title='host: nor what the bridge does (net.link.bridge.pfil_bridge=0)'; }
test_17() {
  prints 'net.link.bridge.pfil_bridge: 0' sysctl net.link.bridge.pfil_bridge
}
make_17() {
  sh -c '[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"' sh net.link.bridge.pfil_bridge /var/run/vpncore/host2/net.link.bridge.pfil_bridge &&
  sysctl net.link.bridge.pfil_bridge=0
}
undo_17() {
  failed=no
  sh -c '[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }' sh net.link.bridge.pfil_bridge /var/run/vpncore/host2/net.link.bridge.pfil_bridge || failed=yes
  [ "$failed" = no ]
}

# host: devices that jails see, ruleset 53
about_18() { part=host title='host: devices that jails see, ruleset 53'; }
test_18() {
  prints 'tun*' devfs rule -s 53 show
}
make_18() {
  devfs rule -s 53 delset &&
  devfs rule -s 53 add include 1 &&
  devfs rule -s 53 add include 2 &&
  devfs rule -s 53 add include 3 &&
  devfs rule -s 53 add path 'tun*' unhide &&
  devfs rule -s 53 add path 'bpf*' unhide
}
undo_18() {
  failed=no
  devfs rule -s 53 delset || failed=yes
  [ "$failed" = no ]
}

# host: what may pass between its containers and the Internet
about_19() { part=host title='host: what may pass between its containers and the Internet'; }
test_19() {
  prints 1277427559 ipfw table vpncore-rules list
}
make_19() {
  { ipfw -q delete set 20 >/dev/null 2>&1 || :; } &&
  ipfw -q /var/run/vpncore/host2/ipfw.rules
}
undo_19() {
  failed=no
  { ipfw -q delete set 20 >/dev/null 2>&1 || :; }
  { ipfw -q nat 20 delete >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-hidden destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-wan destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-peers destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-upstreams destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-services destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-vpns destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-servers destroy >/dev/null 2>&1 || :; }
  { ipfw -q table vpncore-rules destroy >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# host: bridge0, for all containers
about_20() { part=host title='host: bridge0, for all containers'; }
test_20() {
  prints ' vpncore' ifconfig bridge0 &&
  prints 'inet 192.168.2.1 ' ifconfig bridge0
}
make_20() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh bridge0 vpncore &&
  ifconfig bridge0 create group vpncore &&
  ifconfig bridge0 inet 192.168.2.1/24 up
}
undo_20() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh bridge0 vpncore || failed=yes
  [ "$failed" = no ]
}

# host: bridge1, for the addresses that VPNs share
about_21() { part=host title='host: bridge1, for the addresses that VPNs share'; }
test_21() {
  prints ' vpncore' ifconfig bridge1 &&
  prints 'inet 10.0.254.1 ' ifconfig bridge1
}
make_21() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh bridge1 vpncore &&
  ifconfig bridge1 create group vpncore &&
  ifconfig bridge1 inet 10.0.254.1/24 up
}
undo_21() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh bridge1 vpncore || failed=yes
  [ "$failed" = no ]
}

# host: 192.168.1.0/24 is reached by way of 192.168.2.4
about_22() { part=host title='host: 192.168.1.0/24 is reached by way of 192.168.2.4'; }
test_22() {
  prints 'gateway: 192.168.2.4' route -n get -net 192.168.1.0/24
}
make_22() {
  route -nq add -net 192.168.1.0/24 192.168.2.4
}
undo_22() {
  failed=no
  sh -c 'gateway=$1; shift; if route -n get "$@" 2>/dev/null | grep -q "gateway: $gateway$"; then route -nq delete "$@"; fi' sh 192.168.2.4 -net 192.168.1.0/24 || failed=yes
  [ "$failed" = no ]
}

# host: 192.168.3.0/24 is reached by way of 192.168.2.4
about_23() { part=host title='host: 192.168.3.0/24 is reached by way of 192.168.2.4'; }
test_23() {
  prints 'gateway: 192.168.2.4' route -n get -net 192.168.3.0/24
}
make_23() {
  route -nq add -net 192.168.3.0/24 192.168.2.4
}
undo_23() {
  failed=no
  sh -c 'gateway=$1; shift; if route -n get "$@" 2>/dev/null | grep -q "gateway: $gateway$"; then route -nq delete "$@"; fi' sh 192.168.2.4 -net 192.168.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# host: 172.16.3.0/24 is reached by way of 192.168.2.4
about_24() { part=host title='host: 172.16.3.0/24 is reached by way of 192.168.2.4'; }
test_24() {
  prints 'gateway: 192.168.2.4' route -n get -net 172.16.3.0/24
}
make_24() {
  route -nq add -net 172.16.3.0/24 192.168.2.4
}
undo_24() {
  failed=no
  sh -c 'gateway=$1; shift; if route -n get "$@" 2>/dev/null | grep -q "gateway: $gateway$"; then route -nq delete "$@"; fi' sh 192.168.2.4 -net 172.16.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# ipsec: /var/db/vpncore/host2/ipsec, for what must outlive it
about_25() { part=ipsec title='ipsec: /var/db/vpncore/host2/ipsec, for what must outlive it'; }
test_25() {
  test -d /var/db/vpncore/host2/ipsec
}
make_25() {
  install -d -m 755 /var/db/vpncore &&
  install -d -m 755 /var/db/vpncore/host2 &&
  install -d -m 750 -o 0 -g 0 /var/db/vpncore/host2/ipsec
}
undo_25() {
  failed=no
  [ "$failed" = no ]
}
purge_25() {
  failed=no
  rm -r -f /var/db/vpncore/host2/ipsec || failed=yes
  { rmdir /var/db/vpncore/host2 >/dev/null 2>&1 || :; }
  { rmdir /var/db/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# ipsec: directories for its rendered files
about_26() { part=ipsec title='ipsec: directories for its rendered files'; }
test_26() {
  test -d /var/run/vpncore/host2/ipsec &&
  test -d /var/run/vpncore/host2/ipsec/scripts &&
  test -d /var/run/vpncore/host2/ipsec/dynvpn &&
  test -d /var/run/vpncore/host2/ipsec/frr &&
  test -d /var/run/vpncore/host2/ipsec/strongswan
}
make_26() {
  install -d -m 755 /var/run/vpncore/host2/ipsec &&
  install -d -m 755 /var/run/vpncore/host2/ipsec/scripts &&
  install -d -m 755 /var/run/vpncore/host2/ipsec/dynvpn &&
  install -d -m 755 /var/run/vpncore/host2/ipsec/frr &&
  install -d -m 755 /var/run/vpncore/host2/ipsec/strongswan
}
undo_26() {
  failed=no
  { rmdir /var/run/vpncore/host2/ipsec/strongswan >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore/host2/ipsec/frr >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore/host2/ipsec/dynvpn >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore/host2/ipsec/scripts >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore/host2/ipsec >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/rc.conf.local
about_27() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/rc.conf.local'; }
test_27() {
  text_6 | cmp -s - /var/run/vpncore/host2/ipsec/rc.conf.local
}
make_27() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/rc.conf.local &&
  text_6 | tee /var/run/vpncore/host2/ipsec/rc.conf.local
}
undo_27() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/resolv.conf
about_28() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/resolv.conf'; }
test_28() {
  text_7 | cmp -s - /var/run/vpncore/host2/ipsec/resolv.conf
}
make_28() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/resolv.conf &&
  text_7 | tee /var/run/vpncore/host2/ipsec/resolv.conf
}
undo_28() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/ipfw.rules
about_29() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/ipfw.rules'; }
test_29() {
  text_8 | cmp -s - /var/run/vpncore/host2/ipsec/ipfw.rules
}
make_29() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/ipfw.rules &&
  text_8 | tee /var/run/vpncore/host2/ipsec/ipfw.rules
}
undo_29() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/ipfw.rules || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/newsyslog.conf
about_30() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/newsyslog.conf'; }
test_30() {
  text_9 | cmp -s - /var/run/vpncore/host2/ipsec/newsyslog.conf
}
make_30() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/newsyslog.conf &&
  text_9 | tee /var/run/vpncore/host2/ipsec/newsyslog.conf
}
undo_30() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/newsyslog.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/ssh_config
about_31() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/ssh_config'; }
test_31() {
  text_10 | cmp -s - /var/run/vpncore/host2/ipsec/ssh_config
}
make_31() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/ssh_config &&
  text_10 | tee /var/run/vpncore/host2/ipsec/ssh_config
}
undo_31() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/ssh_config || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/check-pid.sh
about_32() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/check-pid.sh'; }
test_32() {
  text_11 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/check-pid.sh
}
make_32() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/check-pid.sh &&
  text_11 | tee /var/run/vpncore/host2/ipsec/scripts/check-pid.sh
}
undo_32() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/check-pid.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh
about_33() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh'; }
test_33() {
  text_12 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh
}
make_33() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh &&
  text_12 | tee /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh
}
undo_33() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/vpn-set-online.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh
about_34() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh'; }
test_34() {
  text_13 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh
}
make_34() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh &&
  text_13 | tee /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh
}
undo_34() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/vpn-set-offline.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh
about_35() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh'; }
test_35() {
  text_14 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh
}
make_35() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh &&
  text_14 | tee /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh
}
undo_35() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/vpn-check-online.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh
about_36() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh'; }
test_36() {
  text_15 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh
}
make_36() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh &&
  text_15 | tee /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh
}
undo_36() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/add-vpn-route.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh
about_37() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh'; }
test_37() {
  text_16 | cmp -s - /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh
}
make_37() {
  install -m 755 /dev/null /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh &&
  text_16 | tee /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh
}
undo_37() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/scripts/delete-vpn-route.sh || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile
about_38() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile'; }
test_38() {
  text_17 | cmp -s - /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile
}
make_38() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile &&
  text_17 | tee /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile
}
undo_38() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/global.yml
about_39() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/global.yml'; }
test_39() {
  text_18 | cmp -s - /var/run/vpncore/host2/ipsec/dynvpn/global.yml
}
make_39() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/dynvpn/global.yml &&
  text_18 | tee /var/run/vpncore/host2/ipsec/dynvpn/global.yml
}
undo_39() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/dynvpn/global.yml || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/local.yml
about_40() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/dynvpn/local.yml'; }
test_40() {
  text_19 | cmp -s - /var/run/vpncore/host2/ipsec/dynvpn/local.yml
}
make_40() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/dynvpn/local.yml &&
  text_19 | tee /var/run/vpncore/host2/ipsec/dynvpn/local.yml
}
undo_40() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/dynvpn/local.yml || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/frr/frr.conf
about_41() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/frr/frr.conf'; }
test_41() {
  text_20 | cmp -s - /var/run/vpncore/host2/ipsec/frr/frr.conf
}
make_41() {
  install -m 640 /dev/null /var/run/vpncore/host2/ipsec/frr/frr.conf &&
  text_20 | tee /var/run/vpncore/host2/ipsec/frr/frr.conf
}
undo_41() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/frr/frr.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf
about_42() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf'; }
test_42() {
  text_21 | cmp -s - /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf
}
make_42() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf &&
  text_21 | tee /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf
}
undo_42() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: the file /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf
about_43() { part=ipsec title='ipsec: the file /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf'; }
test_43() {
  text_22 | cmp -s - /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf
}
make_43() {
  install -m 644 /dev/null /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf &&
  text_22 | tee /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf
}
undo_43() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: its file system, a clone of zroot/jails/base@clean
about_44() { part=ipsec title='ipsec: its file system, a clone of zroot/jails/base@clean'; }
test_44() {
  prints host2 zfs get -H -o value vpncore:site zroot/jails/host2-ipsec
}
make_44() {
  zfs clone -o vpncore:site=host2 zroot/jails/base@clean zroot/jails/host2-ipsec
}
undo_44() {
  failed=no
  sh -c '[ "$(zfs get -H -o value "$1" "$2" 2>/dev/null)" != "$3" ] || zfs destroy "$2"' sh vpncore:site zroot/jails/host2-ipsec host2 || failed=yes
  [ "$failed" = no ]
}

# ipsec: /var/run/vpncore/host2/ipsec, as the host has it
about_45() { part=ipsec title='ipsec: /var/run/vpncore/host2/ipsec, as the host has it'; }
test_45() {
  prints ' on /jails/host2-ipsec/var/run/vpncore/host2/ipsec (' mount -t nullfs
}
make_45() {
  mkdir -p /jails/host2-ipsec/var/run/vpncore/host2/ipsec &&
  mount -t nullfs -o ro /var/run/vpncore/host2/ipsec /jails/host2-ipsec/var/run/vpncore/host2/ipsec
}
undo_45() {
  failed=no
  umount /jails/host2-ipsec/var/run/vpncore/host2/ipsec || failed=yes
  [ "$failed" = no ]
}

# ipsec: /var/db/vpncore/host2/ipsec, as the host has it
about_46() { part=ipsec title='ipsec: /var/db/vpncore/host2/ipsec, as the host has it'; }
test_46() {
  prints ' on /jails/host2-ipsec/var/db/vpncore/host2/ipsec (' mount -t nullfs
}
make_46() {
  mkdir -p /jails/host2-ipsec/var/db/vpncore/host2/ipsec &&
  mount -t nullfs /var/db/vpncore/host2/ipsec /jails/host2-ipsec/var/db/vpncore/host2/ipsec
}
undo_46() {
  failed=no
  umount /jails/host2-ipsec/var/db/vpncore/host2/ipsec || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/rc.conf.local, a copy of /var/run/vpncore/host2/ipsec/rc.conf.local
about_47() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/rc.conf.local, a copy of /var/run/vpncore/host2/ipsec/rc.conf.local'; }
test_47() {
  cmp -s /var/run/vpncore/host2/ipsec/rc.conf.local /jails/host2-ipsec/etc/rc.conf.local
}
make_47() {
  install -m 644 /var/run/vpncore/host2/ipsec/rc.conf.local /jails/host2-ipsec/etc/rc.conf.local
}
undo_47() {
  failed=no
  rm -f /jails/host2-ipsec/etc/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/resolv.conf, a copy of /var/run/vpncore/host2/ipsec/resolv.conf
about_48() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/resolv.conf, a copy of /var/run/vpncore/host2/ipsec/resolv.conf'; }
test_48() {
  cmp -s /var/run/vpncore/host2/ipsec/resolv.conf /jails/host2-ipsec/etc/resolv.conf
}
make_48() {
  install -m 644 /var/run/vpncore/host2/ipsec/resolv.conf /jails/host2-ipsec/etc/resolv.conf
}
undo_48() {
  failed=no
  rm -f /jails/host2-ipsec/etc/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/newsyslog.conf.d/vpncore.conf, a copy of /var/run/vpncore/host2/ipsec/newsyslog.conf
about_49() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/newsyslog.conf.d/vpncore.conf, a copy of /var/run/vpncore/host2/ipsec/newsyslog.conf'; }
test_49() {
  cmp -s /var/run/vpncore/host2/ipsec/newsyslog.conf /jails/host2-ipsec/etc/newsyslog.conf.d/vpncore.conf
}
make_49() {
  install -m 644 /var/run/vpncore/host2/ipsec/newsyslog.conf /jails/host2-ipsec/etc/newsyslog.conf.d/vpncore.conf
}
undo_49() {
  failed=no
  rm -f /jails/host2-ipsec/etc/newsyslog.conf.d/vpncore.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/usr/local/etc/frr/frr.conf, a copy of /var/run/vpncore/host2/ipsec/frr/frr.conf
about_50() { part=ipsec title='ipsec: /jails/host2-ipsec/usr/local/etc/frr/frr.conf, a copy of /var/run/vpncore/host2/ipsec/frr/frr.conf'; }
test_50() {
  cmp -s /var/run/vpncore/host2/ipsec/frr/frr.conf /jails/host2-ipsec/usr/local/etc/frr/frr.conf
}
make_50() {
  install -m 640 /var/run/vpncore/host2/ipsec/frr/frr.conf /jails/host2-ipsec/usr/local/etc/frr/frr.conf
}
undo_50() {
  failed=no
  rm -f /jails/host2-ipsec/usr/local/etc/frr/frr.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/usr/local/etc/strongswan.conf, a copy of /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf
about_51() { part=ipsec title='ipsec: /jails/host2-ipsec/usr/local/etc/strongswan.conf, a copy of /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf'; }
test_51() {
  cmp -s /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf /jails/host2-ipsec/usr/local/etc/strongswan.conf
}
make_51() {
  install -m 644 /var/run/vpncore/host2/ipsec/strongswan/strongswan.conf /jails/host2-ipsec/usr/local/etc/strongswan.conf
}
undo_51() {
  failed=no
  rm -f /jails/host2-ipsec/usr/local/etc/strongswan.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/usr/local/etc/swanctl/swanctl.conf, a copy of /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf
about_52() { part=ipsec title='ipsec: /jails/host2-ipsec/usr/local/etc/swanctl/swanctl.conf, a copy of /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf'; }
test_52() {
  cmp -s /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf /jails/host2-ipsec/usr/local/etc/swanctl/swanctl.conf
}
make_52() {
  install -m 644 /var/run/vpncore/host2/ipsec/strongswan/swanctl.conf /jails/host2-ipsec/usr/local/etc/swanctl/swanctl.conf
}
undo_52() {
  failed=no
  rm -f /jails/host2-ipsec/usr/local/etc/swanctl/swanctl.conf || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/usr/local/etc/swanctl/private/router.key, a copy of /etc/vpncore/host2.key
about_53() { part=ipsec title='ipsec: /jails/host2-ipsec/usr/local/etc/swanctl/private/router.key, a copy of /etc/vpncore/host2.key'; }
test_53() {
  cmp -s /etc/vpncore/host2.key /jails/host2-ipsec/usr/local/etc/swanctl/private/router.key
}
make_53() {
  install -m 600 /etc/vpncore/host2.key /jails/host2-ipsec/usr/local/etc/swanctl/private/router.key
}
undo_53() {
  failed=no
  rm -f /jails/host2-ipsec/usr/local/etc/swanctl/private/router.key || failed=yes
  [ "$failed" = no ]
}

# ipsec: the directory /jails/host2-ipsec/etc/vpncore
about_54() { part=ipsec title='ipsec: the directory /jails/host2-ipsec/etc/vpncore'; }
test_54() {
  test -d /jails/host2-ipsec/etc/vpncore
}
make_54() {
  mkdir -p /jails/host2-ipsec/etc/vpncore
}
undo_54() {
  failed=no
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/vpncore/host2.crt, a copy of /etc/vpncore/host2.crt
about_55() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/vpncore/host2.crt, a copy of /etc/vpncore/host2.crt'; }
test_55() {
  cmp -s /etc/vpncore/host2.crt /jails/host2-ipsec/etc/vpncore/host2.crt
}
make_55() {
  install -m 600 /etc/vpncore/host2.crt /jails/host2-ipsec/etc/vpncore/host2.crt
}
undo_55() {
  failed=no
  rm -f /jails/host2-ipsec/etc/vpncore/host2.crt || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/vpncore/wan-ca.crt, a copy of /etc/vpncore/wan-ca.crt
about_56() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/vpncore/wan-ca.crt, a copy of /etc/vpncore/wan-ca.crt'; }
test_56() {
  cmp -s /etc/vpncore/wan-ca.crt /jails/host2-ipsec/etc/vpncore/wan-ca.crt
}
make_56() {
  install -m 600 /etc/vpncore/wan-ca.crt /jails/host2-ipsec/etc/vpncore/wan-ca.crt
}
undo_56() {
  failed=no
  rm -f /jails/host2-ipsec/etc/vpncore/wan-ca.crt || failed=yes
  [ "$failed" = no ]
}

# ipsec: /jails/host2-ipsec/etc/vpncore/peers.secret, a copy of /etc/vpncore/peers.secret
about_57() { part=ipsec title='ipsec: /jails/host2-ipsec/etc/vpncore/peers.secret, a copy of /etc/vpncore/peers.secret'; }
test_57() {
  cmp -s /etc/vpncore/peers.secret /jails/host2-ipsec/etc/vpncore/peers.secret
}
make_57() {
  install -m 600 /etc/vpncore/peers.secret /jails/host2-ipsec/etc/vpncore/peers.secret
}
undo_57() {
  failed=no
  rm -f /jails/host2-ipsec/etc/vpncore/peers.secret || failed=yes
  [ "$failed" = no ]
}

# ipsec: the jail host2-ipsec
about_58() { part=ipsec title='ipsec: the jail host2-ipsec'; }
test_58() {
  jls -j host2-ipsec jid
}
make_58() {
  jail -f /var/run/vpncore/host2/jail.conf -c host2-ipsec
}
undo_58() {
  failed=no
  jail -f /var/run/vpncore/host2/jail.conf -r host2-ipsec || failed=yes
  [ "$failed" = no ]
}

# ipsec: it passes packets on (net.inet.ip.forwarding=1)
about_59() { part=ipsec title='ipsec: it passes packets on (net.inet.ip.forwarding=1)'; }
test_59() {
  prints 'net.inet.ip.forwarding: 1' jexec host2-ipsec sysctl net.inet.ip.forwarding
}
make_59() {
  jexec host2-ipsec sysctl net.inet.ip.forwarding=1
}
undo_59() {
  failed=no
  jexec host2-ipsec sysctl net.inet.ip.forwarding=0 || failed=yes
  [ "$failed" = no ]
}

# ipsec: what may pass in it
about_60() { part=ipsec title='ipsec: what may pass in it'; }
test_60() {
  prints 2457754436 jexec host2-ipsec ipfw table rules list
}
make_60() {
  jexec host2-ipsec ipfw -q /var/run/vpncore/host2/ipsec/ipfw.rules
}
undo_60() {
  failed=no
  jexec host2-ipsec ipfw -q -f flush || failed=yes
  { jexec host2-ipsec ipfw -q table rules destroy >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# ipsec: a wire to bridge0, with the address 192.168.2.4
about_61() { part=ipsec title='ipsec: a wire to bridge0, with the address 192.168.2.4'; }
test_61() {
  prints ' vpncore' ifconfig epair4a &&
  prints 'member: epair4a ' ifconfig bridge0 &&
  prints 'inet 192.168.2.4 ' jexec host2-ipsec ifconfig epair4b
}
make_61() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair4a vpncore &&
  ifconfig epair4 create &&
  ifconfig epair4a group vpncore up &&
  ifconfig bridge0 addm epair4a &&
  ifconfig epair4b vnet host2-ipsec &&
  jexec host2-ipsec ifconfig epair4b inet 192.168.2.4/24 up
}
undo_61() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair4a vpncore || failed=yes
  [ "$failed" = no ]
}

# ipsec: everything else is reached by way of 192.168.2.1
about_62() { part=ipsec title='ipsec: everything else is reached by way of 192.168.2.1'; }
test_62() {
  prints 'gateway: 192.168.2.1' jexec host2-ipsec route -n get default
}
make_62() {
  { jexec host2-ipsec route -nq delete default >/dev/null 2>&1 || :; } &&
  jexec host2-ipsec route -nq add default 192.168.2.1
}
undo_62() {
  failed=no
  jexec host2-ipsec route -nq delete default || failed=yes
  [ "$failed" = no ]
}

# ipsec: 10.0.254.0/24 is reached nowhere
about_63() { part=ipsec title='ipsec: 10.0.254.0/24 is reached nowhere'; }
test_63() {
  prints REJECT jexec host2-ipsec route -n get -net 10.0.254.0/24
}
make_63() {
  { jexec host2-ipsec route -nq delete -net 10.0.254.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-ipsec route -nq add -net 10.0.254.0/24 127.0.0.1 -reject
}
undo_63() {
  failed=no
  jexec host2-ipsec route -nq delete -net 10.0.254.0/24 || failed=yes
  [ "$failed" = no ]
}

# ipsec: the link to host1, to-host1
about_64() { part=ipsec title='ipsec: the link to host1, to-host1'; }
test_64() {
  prints 'tunnel inet 192.168.2.4 --> 203.0.113.1' jexec host2-ipsec ifconfig to-host1 &&
  prints 'inet 100.64.0.1 --> 100.64.0.0 ' jexec host2-ipsec ifconfig to-host1
}
make_64() {
  { jexec host2-ipsec ifconfig ipsec1 destroy >/dev/null 2>&1 || :; } &&
  { jexec host2-ipsec ifconfig to-host1 destroy >/dev/null 2>&1 || :; } &&
  jexec host2-ipsec ifconfig ipsec1 create reqid 1 &&
  jexec host2-ipsec ifconfig ipsec1 name to-host1 &&
  jexec host2-ipsec ifconfig to-host1 inet tunnel 192.168.2.4 203.0.113.1 &&
  jexec host2-ipsec ifconfig to-host1 inet 100.64.0.1/32 100.64.0.0 mtu 1400 up
}
undo_64() {
  failed=no
  { jexec host2-ipsec ifconfig ipsec1 destroy >/dev/null 2>&1 || :; }
  jexec host2-ipsec ifconfig to-host1 destroy || failed=yes
  [ "$failed" = no ]
}

# ipsec: the link to host3, to-host3
about_65() { part=ipsec title='ipsec: the link to host3, to-host3'; }
test_65() {
  prints 'tunnel inet 192.168.2.4 --> 203.0.113.3' jexec host2-ipsec ifconfig to-host3 &&
  prints 'inet 100.64.0.4 --> 100.64.0.5 ' jexec host2-ipsec ifconfig to-host3
}
make_65() {
  { jexec host2-ipsec ifconfig ipsec3 destroy >/dev/null 2>&1 || :; } &&
  { jexec host2-ipsec ifconfig to-host3 destroy >/dev/null 2>&1 || :; } &&
  jexec host2-ipsec ifconfig ipsec3 create reqid 3 &&
  jexec host2-ipsec ifconfig ipsec3 name to-host3 &&
  jexec host2-ipsec ifconfig to-host3 inet tunnel 192.168.2.4 203.0.113.3 &&
  jexec host2-ipsec ifconfig to-host3 inet 100.64.0.4/32 100.64.0.5 mtu 1400 up
}
undo_65() {
  failed=no
  { jexec host2-ipsec ifconfig ipsec3 destroy >/dev/null 2>&1 || :; }
  jexec host2-ipsec ifconfig to-host3 destroy || failed=yes
  [ "$failed" = no ]
}

# ipsec: strongswan, which agrees on keys with the other sites
about_66() { part=ipsec title='ipsec: strongswan, which agrees on keys with the other sites'; }
test_66() {
  jexec host2-ipsec service strongswan onestatus &&
  text_23 | cmp -s - /jails/host2-ipsec/var/run/vpncore-strongswan.mark
}
make_66() {
  jexec host2-ipsec service strongswan onerestart &&
  text_23 | tee /jails/host2-ipsec/var/run/vpncore-strongswan.mark
}
undo_66() {
  failed=no
  rm -f /jails/host2-ipsec/var/run/vpncore-strongswan.mark || failed=yes
  jexec host2-ipsec service strongswan onestop || failed=yes
  [ "$failed" = no ]
}

# ipsec: frr, which tells the other sites what is reached here
about_67() { part=ipsec title='ipsec: frr, which tells the other sites what is reached here'; }
test_67() {
  jexec host2-ipsec service frr status &&
  text_24 | cmp -s - /jails/host2-ipsec/var/run/vpncore-frr.mark
}
make_67() {
  jexec host2-ipsec service frr restart &&
  text_24 | tee /jails/host2-ipsec/var/run/vpncore-frr.mark
}
undo_67() {
  failed=no
  rm -f /jails/host2-ipsec/var/run/vpncore-frr.mark || failed=yes
  jexec host2-ipsec service frr stop || failed=yes
  [ "$failed" = no ]
}

# ipsec: the key /var/run/vpncore/host2/ipsec/session_key
about_68() { part=ipsec title='ipsec: the key /var/run/vpncore/host2/ipsec/session_key'; }
test_68() {
  test -s /var/run/vpncore/host2/ipsec/session_key.pub
}
make_68() {
  rm -f /var/run/vpncore/host2/ipsec/session_key /var/run/vpncore/host2/ipsec/session_key.pub &&
  ssh-keygen -q -t ed25519 -N '' -C host2-ipsec -f /var/run/vpncore/host2/ipsec/session_key
}
undo_68() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/session_key /var/run/vpncore/host2/ipsec/session_key.pub || failed=yes
  [ "$failed" = no ]
}

# vpndns: /var/db/vpncore/host2/vpndns, for what must outlive it
about_69() { part=vpndns title='vpndns: /var/db/vpncore/host2/vpndns, for what must outlive it'; }
test_69() {
  test -d /var/db/vpncore/host2/vpndns
}
make_69() {
  install -d -m 755 /var/db/vpncore &&
  install -d -m 755 /var/db/vpncore/host2 &&
  install -d -m 750 -o 2053 -g 2053 /var/db/vpncore/host2/vpndns
}
undo_69() {
  failed=no
  [ "$failed" = no ]
}
purge_69() {
  failed=no
  rm -r -f /var/db/vpncore/host2/vpndns || failed=yes
  { rmdir /var/db/vpncore/host2 >/dev/null 2>&1 || :; }
  { rmdir /var/db/vpncore >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpndns: directories for its rendered files
about_70() { part=vpndns title='vpndns: directories for its rendered files'; }
test_70() {
  test -d /var/run/vpncore/host2/vpndns &&
  test -d /var/run/vpncore/host2/vpndns/vpndns
}
make_70() {
  install -d -m 755 /var/run/vpncore/host2/vpndns &&
  install -d -m 755 /var/run/vpncore/host2/vpndns/vpndns
}
undo_70() {
  failed=no
  { rmdir /var/run/vpncore/host2/vpndns/vpndns >/dev/null 2>&1 || :; }
  { rmdir /var/run/vpncore/host2/vpndns >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpndns: the file /var/run/vpncore/host2/vpndns/rc.conf.local
about_71() { part=vpndns title='vpndns: the file /var/run/vpncore/host2/vpndns/rc.conf.local'; }
test_71() {
  text_25 | cmp -s - /var/run/vpncore/host2/vpndns/rc.conf.local
}
make_71() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpndns/rc.conf.local &&
  text_25 | tee /var/run/vpncore/host2/vpndns/rc.conf.local
}
undo_71() {
  failed=no
  rm -f /var/run/vpncore/host2/vpndns/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpndns: the file /var/run/vpncore/host2/vpndns/resolv.conf
about_72() { part=vpndns title='vpndns: the file /var/run/vpncore/host2/vpndns/resolv.conf'; }
test_72() {
  text_26 | cmp -s - /var/run/vpncore/host2/vpndns/resolv.conf
}
make_72() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpndns/resolv.conf &&
  text_26 | tee /var/run/vpncore/host2/vpndns/resolv.conf
}
undo_72() {
  failed=no
  rm -f /var/run/vpncore/host2/vpndns/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpndns: the file /var/run/vpncore/host2/vpndns/ipfw.rules
about_73() { part=vpndns title='vpndns: the file /var/run/vpncore/host2/vpndns/ipfw.rules'; }
test_73() {
  text_27 | cmp -s - /var/run/vpncore/host2/vpndns/ipfw.rules
}
make_73() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpndns/ipfw.rules &&
  text_27 | tee /var/run/vpncore/host2/vpndns/ipfw.rules
}
undo_73() {
  failed=no
  rm -f /var/run/vpncore/host2/vpndns/ipfw.rules || failed=yes
  [ "$failed" = no ]
}

# vpndns: the file /var/run/vpncore/host2/vpndns/newsyslog.conf
about_74() { part=vpndns title='vpndns: the file /var/run/vpncore/host2/vpndns/newsyslog.conf'; }
test_74() {
  text_28 | cmp -s - /var/run/vpncore/host2/vpndns/newsyslog.conf
}
make_74() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpndns/newsyslog.conf &&
  text_28 | tee /var/run/vpncore/host2/vpndns/newsyslog.conf
}
undo_74() {
  failed=no
  rm -f /var/run/vpncore/host2/vpndns/newsyslog.conf || failed=yes
  [ "$failed" = no ]
}

# vpndns: the file /var/run/vpncore/host2/vpndns/vpndns/Corefile
about_75() { part=vpndns title='vpndns: the file /var/run/vpncore/host2/vpndns/vpndns/Corefile'; }
test_75() {
  text_29 | cmp -s - /var/run/vpncore/host2/vpndns/vpndns/Corefile
}
make_75() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpndns/vpndns/Corefile &&
  text_29 | tee /var/run/vpncore/host2/vpndns/vpndns/Corefile
}
undo_75() {
  failed=no
  rm -f /var/run/vpncore/host2/vpndns/vpndns/Corefile || failed=yes
  [ "$failed" = no ]
}

# vpndns: its file system, a clone of zroot/jails/base@clean
about_76() { part=vpndns title='vpndns: its file system, a clone of zroot/jails/base@clean'; }
test_76() {
  prints host2 zfs get -H -o value vpncore:site zroot/jails/host2-vpndns
}
make_76() {
  zfs clone -o vpncore:site=host2 zroot/jails/base@clean zroot/jails/host2-vpndns
}
undo_76() {
  failed=no
  sh -c '[ "$(zfs get -H -o value "$1" "$2" 2>/dev/null)" != "$3" ] || zfs destroy "$2"' sh vpncore:site zroot/jails/host2-vpndns host2 || failed=yes
  [ "$failed" = no ]
}

# vpndns: /var/run/vpncore/host2/vpndns, as the host has it
about_77() { part=vpndns title='vpndns: /var/run/vpncore/host2/vpndns, as the host has it'; }
test_77() {
  prints ' on /jails/host2-vpndns/var/run/vpncore/host2/vpndns (' mount -t nullfs
}
make_77() {
  mkdir -p /jails/host2-vpndns/var/run/vpncore/host2/vpndns &&
  mount -t nullfs -o ro /var/run/vpncore/host2/vpndns /jails/host2-vpndns/var/run/vpncore/host2/vpndns
}
undo_77() {
  failed=no
  umount /jails/host2-vpndns/var/run/vpncore/host2/vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: /var/db/vpncore/host2/vpndns, as the host has it
about_78() { part=vpndns title='vpndns: /var/db/vpncore/host2/vpndns, as the host has it'; }
test_78() {
  prints ' on /jails/host2-vpndns/var/db/vpncore/host2/vpndns (' mount -t nullfs
}
make_78() {
  mkdir -p /jails/host2-vpndns/var/db/vpncore/host2/vpndns &&
  mount -t nullfs /var/db/vpncore/host2/vpndns /jails/host2-vpndns/var/db/vpncore/host2/vpndns
}
undo_78() {
  failed=no
  umount /jails/host2-vpndns/var/db/vpncore/host2/vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: /etc/vpncore/blocklists, as the host has it
about_79() { part=vpndns title='vpndns: /etc/vpncore/blocklists, as the host has it'; }
test_79() {
  prints ' on /jails/host2-vpndns/etc/vpncore/blocklists (' mount -t nullfs
}
make_79() {
  mkdir -p /jails/host2-vpndns/etc/vpncore/blocklists &&
  mount -t nullfs -o ro /etc/vpncore/blocklists /jails/host2-vpndns/etc/vpncore/blocklists
}
undo_79() {
  failed=no
  umount /jails/host2-vpndns/etc/vpncore/blocklists || failed=yes
  [ "$failed" = no ]
}

# vpndns: /jails/host2-vpndns/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpndns/rc.conf.local
about_80() { part=vpndns title='vpndns: /jails/host2-vpndns/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpndns/rc.conf.local'; }
test_80() {
  cmp -s /var/run/vpncore/host2/vpndns/rc.conf.local /jails/host2-vpndns/etc/rc.conf.local
}
make_80() {
  install -m 644 /var/run/vpncore/host2/vpndns/rc.conf.local /jails/host2-vpndns/etc/rc.conf.local
}
undo_80() {
  failed=no
  rm -f /jails/host2-vpndns/etc/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpndns: /jails/host2-vpndns/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpndns/resolv.conf
about_81() { part=vpndns title='vpndns: /jails/host2-vpndns/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpndns/resolv.conf'; }
test_81() {
  cmp -s /var/run/vpncore/host2/vpndns/resolv.conf /jails/host2-vpndns/etc/resolv.conf
}
make_81() {
  install -m 644 /var/run/vpncore/host2/vpndns/resolv.conf /jails/host2-vpndns/etc/resolv.conf
}
undo_81() {
  failed=no
  rm -f /jails/host2-vpndns/etc/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpndns: /jails/host2-vpndns/etc/newsyslog.conf.d/vpncore.conf, a copy of /var/run/vpncore/host2/vpndns/newsyslog.conf
about_82() { part=vpndns title='vpndns: /jails/host2-vpndns/etc/newsyslog.conf.d/vpncore.conf, a copy of /var/run/vpncore/host2/vpndns/newsyslog.conf'; }
test_82() {
  cmp -s /var/run/vpncore/host2/vpndns/newsyslog.conf /jails/host2-vpndns/etc/newsyslog.conf.d/vpncore.conf
}
make_82() {
  install -m 644 /var/run/vpncore/host2/vpndns/newsyslog.conf /jails/host2-vpndns/etc/newsyslog.conf.d/vpncore.conf
}
undo_82() {
  failed=no
  rm -f /jails/host2-vpndns/etc/newsyslog.conf.d/vpncore.conf || failed=yes
  [ "$failed" = no ]
}

# vpndns: the user vpndns
about_83() { part=vpndns title='vpndns: the user vpndns'; }
test_83() {
  pw -R /jails/host2-vpndns usershow vpndns
}
make_83() {
  pw -R /jails/host2-vpndns useradd vpndns -u 2053 -d /nonexistent -s /usr/sbin/nologin -c vpndns
}
undo_83() {
  failed=no
  pw -R /jails/host2-vpndns userdel vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: the directory /jails/host2-vpndns/etc/vpncore
about_84() { part=vpndns title='vpndns: the directory /jails/host2-vpndns/etc/vpncore'; }
test_84() {
  test -d /jails/host2-vpndns/etc/vpncore
}
make_84() {
  mkdir -p /jails/host2-vpndns/etc/vpncore
}
undo_84() {
  failed=no
  [ "$failed" = no ]
}

# vpndns: /jails/host2-vpndns/etc/vpncore/static.txt, a copy of /etc/vpncore/static.txt
about_85() { part=vpndns title='vpndns: /jails/host2-vpndns/etc/vpncore/static.txt, a copy of /etc/vpncore/static.txt'; }
test_85() {
  cmp -s /etc/vpncore/static.txt /jails/host2-vpndns/etc/vpncore/static.txt
}
make_85() {
  install -m 644 /etc/vpncore/static.txt /jails/host2-vpndns/etc/vpncore/static.txt
}
undo_85() {
  failed=no
  rm -f /jails/host2-vpndns/etc/vpncore/static.txt || failed=yes
  [ "$failed" = no ]
}

# vpndns: the jail host2-vpndns
about_86() { part=vpndns title='vpndns: the jail host2-vpndns'; }
test_86() {
  jls -j host2-vpndns jid
}
make_86() {
  jail -f /var/run/vpncore/host2/jail.conf -c host2-vpndns
}
undo_86() {
  failed=no
  jail -f /var/run/vpncore/host2/jail.conf -r host2-vpndns || failed=yes
  [ "$failed" = no ]
}

# vpndns: what may pass in it
about_87() { part=vpndns title='vpndns: what may pass in it'; }
test_87() {
  prints 3839913652 jexec host2-vpndns ipfw table rules list
}
make_87() {
  jexec host2-vpndns ipfw -q /var/run/vpncore/host2/vpndns/ipfw.rules
}
undo_87() {
  failed=no
  jexec host2-vpndns ipfw -q -f flush || failed=yes
  { jexec host2-vpndns ipfw -q table rules destroy >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpndns: a wire to bridge0, with the address 192.168.2.3
about_88() { part=vpndns title='vpndns: a wire to bridge0, with the address 192.168.2.3'; }
test_88() {
  prints ' vpncore' ifconfig epair3a &&
  prints 'member: epair3a ' ifconfig bridge0 &&
  prints 'inet 192.168.2.3 ' jexec host2-vpndns ifconfig epair3b
}
make_88() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair3a vpncore &&
  ifconfig epair3 create &&
  ifconfig epair3a group vpncore up &&
  ifconfig bridge0 addm epair3a &&
  ifconfig epair3b vnet host2-vpndns &&
  jexec host2-vpndns ifconfig epair3b inet 192.168.2.3/24 up
}
undo_88() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair3a vpncore || failed=yes
  [ "$failed" = no ]
}

# vpndns: everything else is reached by way of 192.168.2.1
about_89() { part=vpndns title='vpndns: everything else is reached by way of 192.168.2.1'; }
test_89() {
  prints 'gateway: 192.168.2.1' jexec host2-vpndns route -n get default
}
make_89() {
  { jexec host2-vpndns route -nq delete default >/dev/null 2>&1 || :; } &&
  jexec host2-vpndns route -nq add default 192.168.2.1
}
undo_89() {
  failed=no
  jexec host2-vpndns route -nq delete default || failed=yes
  [ "$failed" = no ]
}

# vpndns: port 53 is for anybody, so that vpndns need not be root (net.inet.ip.portrange.reservedhigh=52)
about_90() { part=vpndns title='vpndns: port 53 is for anybody, so that vpndns need not be root (net.inet.ip.portrange.reservedhigh=52)'; }
test_90() {
  prints 'net.inet.ip.portrange.reservedhigh: 52' jexec host2-vpndns sysctl net.inet.ip.portrange.reservedhigh
}
make_90() {
  jexec host2-vpndns sysctl net.inet.ip.portrange.reservedhigh=52
}
undo_90() {
  failed=no
  jexec host2-vpndns sysctl net.inet.ip.portrange.reservedhigh=1023 || failed=yes
  [ "$failed" = no ]
}

# vpndns: vpndns, the DNS server
about_91() { part=vpndns title='vpndns: vpndns, the DNS server'; }
test_91() {
  jexec host2-vpndns pgrep -F /var/run/vpndns.pid &&
  text_30 | cmp -s - /jails/host2-vpndns/var/run/vpncore-vpndns.mark
}
make_91() {
  jexec host2-vpndns sh -c 'pkill -F "$1" 2>/dev/null || exit 0
n=0; while pgrep -F "$1" >/dev/null 2>&1 && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done' sh /var/run/vpndns.pid &&
  jexec host2-vpndns sh -c 'file=$1; shift; "$@" || exit
n=0; until pgrep -F "$file" >/dev/null 2>&1; do n=$((n + 1)); [ "$n" -lt 100 ] || exit 1; sleep 0.1; done' sh /var/run/vpndns.pid daemon -f -r -H -P /var/run/vpndns.pid -o /var/log/vpndns.log -t vpndns -u vpndns vpndns --conf /var/run/vpncore/host2/vpndns/vpndns/Corefile &&
  text_30 | tee /jails/host2-vpndns/var/run/vpncore-vpndns.mark
}
undo_91() {
  failed=no
  rm -f /jails/host2-vpndns/var/run/vpncore-vpndns.mark || failed=yes
  jexec host2-vpndns sh -c 'pkill -F "$1" 2>/dev/null || exit 0
n=0; while pgrep -F "$1" >/dev/null 2>&1 && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done' sh /var/run/vpndns.pid || failed=yes
  [ "$failed" = no ]
}

# vpn1: directories for its rendered files
about_92() { part=vpn1 title='vpn1: directories for its rendered files'; }
test_92() {
  test -d /var/run/vpncore/host2/vpn1
}
make_92() {
  install -d -m 755 /var/run/vpncore/host2/vpn1
}
undo_92() {
  failed=no
  { rmdir /var/run/vpncore/host2/vpn1 >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/rc.conf.local
about_93() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/rc.conf.local'; }
test_93() {
  text_31 | cmp -s - /var/run/vpncore/host2/vpn1/rc.conf.local
}
make_93() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn1/rc.conf.local &&
  text_31 | tee /var/run/vpncore/host2/vpn1/rc.conf.local
}
undo_93() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/resolv.conf
about_94() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/resolv.conf'; }
test_94() {
  text_32 | cmp -s - /var/run/vpncore/host2/vpn1/resolv.conf
}
make_94() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn1/resolv.conf &&
  text_32 | tee /var/run/vpncore/host2/vpn1/resolv.conf
}
undo_94() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/ipfw.rules
about_95() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/ipfw.rules'; }
test_95() {
  text_33 | cmp -s - /var/run/vpncore/host2/vpn1/ipfw.rules
}
make_95() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn1/ipfw.rules &&
  text_33 | tee /var/run/vpncore/host2/vpn1/ipfw.rules
}
undo_95() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/ipfw.rules || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/session.sh
about_96() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/session.sh'; }
test_96() {
  text_34 | cmp -s - /var/run/vpncore/host2/vpn1/session.sh
}
make_96() {
  install -m 755 /dev/null /var/run/vpncore/host2/vpn1/session.sh &&
  text_34 | tee /var/run/vpncore/host2/vpn1/session.sh
}
undo_96() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/session.sh || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/sshd_config
about_97() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/sshd_config'; }
test_97() {
  text_35 | cmp -s - /var/run/vpncore/host2/vpn1/sshd_config
}
make_97() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn1/sshd_config &&
  text_35 | tee /var/run/vpncore/host2/vpn1/sshd_config
}
undo_97() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/sshd_config || failed=yes
  [ "$failed" = no ]
}

# vpn1: the file /var/run/vpncore/host2/vpn1/servers.sh
about_98() { part=vpn1 title='vpn1: the file /var/run/vpncore/host2/vpn1/servers.sh'; }
test_98() {
  text_36 | cmp -s - /var/run/vpncore/host2/vpn1/servers.sh
}
make_98() {
  install -m 755 /dev/null /var/run/vpncore/host2/vpn1/servers.sh &&
  text_36 | tee /var/run/vpncore/host2/vpn1/servers.sh
}
undo_98() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/servers.sh || failed=yes
  [ "$failed" = no ]
}

# vpn1: its file system, a clone of zroot/jails/base@clean
about_99() { part=vpn1 title='vpn1: its file system, a clone of zroot/jails/base@clean'; }
test_99() {
  prints host2 zfs get -H -o value vpncore:site zroot/jails/host2-vpn1
}
make_99() {
  zfs clone -o vpncore:site=host2 zroot/jails/base@clean zroot/jails/host2-vpn1
}
undo_99() {
  failed=no
  sh -c '[ "$(zfs get -H -o value "$1" "$2" 2>/dev/null)" != "$3" ] || zfs destroy "$2"' sh vpncore:site zroot/jails/host2-vpn1 host2 || failed=yes
  [ "$failed" = no ]
}

# vpn1: /var/run/vpncore/host2/vpn1, as the host has it
about_100() { part=vpn1 title='vpn1: /var/run/vpncore/host2/vpn1, as the host has it'; }
test_100() {
  prints ' on /jails/host2-vpn1/var/run/vpncore/host2/vpn1 (' mount -t nullfs
}
make_100() {
  mkdir -p /jails/host2-vpn1/var/run/vpncore/host2/vpn1 &&
  mount -t nullfs -o ro /var/run/vpncore/host2/vpn1 /jails/host2-vpn1/var/run/vpncore/host2/vpn1
}
undo_100() {
  failed=no
  umount /jails/host2-vpn1/var/run/vpncore/host2/vpn1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: /etc/vpncore/provider-a, as the host has it
about_101() { part=vpn1 title='vpn1: /etc/vpncore/provider-a, as the host has it'; }
test_101() {
  prints ' on /jails/host2-vpn1/etc/vpncore/provider-a (' mount -t nullfs
}
make_101() {
  mkdir -p /jails/host2-vpn1/etc/vpncore/provider-a &&
  mount -t nullfs -o ro /etc/vpncore/provider-a /jails/host2-vpn1/etc/vpncore/provider-a
}
undo_101() {
  failed=no
  umount /jails/host2-vpn1/etc/vpncore/provider-a || failed=yes
  [ "$failed" = no ]
}

# vpn1: /jails/host2-vpn1/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpn1/rc.conf.local
about_102() { part=vpn1 title='vpn1: /jails/host2-vpn1/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpn1/rc.conf.local'; }
test_102() {
  cmp -s /var/run/vpncore/host2/vpn1/rc.conf.local /jails/host2-vpn1/etc/rc.conf.local
}
make_102() {
  install -m 644 /var/run/vpncore/host2/vpn1/rc.conf.local /jails/host2-vpn1/etc/rc.conf.local
}
undo_102() {
  failed=no
  rm -f /jails/host2-vpn1/etc/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpn1: /jails/host2-vpn1/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpn1/resolv.conf
about_103() { part=vpn1 title='vpn1: /jails/host2-vpn1/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpn1/resolv.conf'; }
test_103() {
  cmp -s /var/run/vpncore/host2/vpn1/resolv.conf /jails/host2-vpn1/etc/resolv.conf
}
make_103() {
  install -m 644 /var/run/vpncore/host2/vpn1/resolv.conf /jails/host2-vpn1/etc/resolv.conf
}
undo_103() {
  failed=no
  rm -f /jails/host2-vpn1/etc/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn1: the jail host2-vpn1
about_104() { part=vpn1 title='vpn1: the jail host2-vpn1'; }
test_104() {
  jls -j host2-vpn1 jid
}
make_104() {
  jail -f /var/run/vpncore/host2/jail.conf -c host2-vpn1
}
undo_104() {
  failed=no
  jail -f /var/run/vpncore/host2/jail.conf -r host2-vpn1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: nothing passes, but for the rules to come
about_105() { part=vpn1 title='vpn1: nothing passes, but for the rules to come'; }
test_105() {
  jexec host2-vpn1 ipfw -q list 65534
}
make_105() {
  jexec host2-vpn1 ipfw -q add 65534 set 31 deny log ip from any to any
}
undo_105() {
  failed=no
  [ "$failed" = no ]
}

# vpn1: tun51, for the session
about_106() { part=vpn1 title='vpn1: tun51, for the session'; }
test_106() {
  jexec host2-vpn1 ifconfig tun51
}
make_106() {
  jexec host2-vpn1 ifconfig tun51 create
}
undo_106() {
  failed=no
  jexec host2-vpn1 ifconfig tun51 destroy || failed=yes
  [ "$failed" = no ]
}

# vpn1: the translation that leads to the provider's resolver
about_107() { part=vpn1 title='vpn1: the translation that leads to the provider'\''s resolver'; }
test_107() {
  prints 192.168.2.51 jexec host2-vpn1 ipfw -q nat 2 show config
}
make_107() {
  jexec host2-vpn1 ipfw -q nat 2 config ip 192.168.2.51
}
undo_107() {
  failed=no
  jexec host2-vpn1 ipfw -q nat 2 delete || failed=yes
  [ "$failed" = no ]
}

# vpn1: it passes packets on (net.inet.ip.forwarding=1)
about_108() { part=vpn1 title='vpn1: it passes packets on (net.inet.ip.forwarding=1)'; }
test_108() {
  prints 'net.inet.ip.forwarding: 1' jexec host2-vpn1 sysctl net.inet.ip.forwarding
}
make_108() {
  jexec host2-vpn1 sysctl net.inet.ip.forwarding=1
}
undo_108() {
  failed=no
  jexec host2-vpn1 sysctl net.inet.ip.forwarding=0 || failed=yes
  [ "$failed" = no ]
}

# vpn1: what may pass in it
about_109() { part=vpn1 title='vpn1: what may pass in it'; }
test_109() {
  prints 2794224624 jexec host2-vpn1 ipfw table rules list
}
make_109() {
  jexec host2-vpn1 ipfw -q /var/run/vpncore/host2/vpn1/ipfw.rules
}
undo_109() {
  failed=no
  jexec host2-vpn1 ipfw -q -f flush || failed=yes
  { jexec host2-vpn1 ipfw -q table rules destroy >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn1: a wire to bridge0, with the address 192.168.2.51
about_110() { part=vpn1 title='vpn1: a wire to bridge0, with the address 192.168.2.51'; }
test_110() {
  prints ' vpncore' ifconfig epair51a &&
  prints 'member: epair51a ' ifconfig bridge0 &&
  prints 'inet 192.168.2.51 ' jexec host2-vpn1 ifconfig epair51b
}
make_110() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair51a vpncore &&
  ifconfig epair51 create &&
  ifconfig epair51a group vpncore up &&
  ifconfig bridge0 addm epair51a &&
  ifconfig epair51b vnet host2-vpn1 &&
  jexec host2-vpn1 ifconfig epair51b inet 192.168.2.51/24 up
}
undo_110() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair51a vpncore || failed=yes
  [ "$failed" = no ]
}

# vpn1: a wire to bridge1, with the address 10.0.254.51
about_111() { part=vpn1 title='vpn1: a wire to bridge1, with the address 10.0.254.51'; }
test_111() {
  prints ' vpncore' ifconfig epair1051a &&
  prints 'member: epair1051a ' ifconfig bridge1 &&
  prints 'inet 10.0.254.51 ' jexec host2-vpn1 ifconfig epair1051b
}
make_111() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair1051a vpncore &&
  ifconfig epair1051 create &&
  ifconfig epair1051a group vpncore up &&
  ifconfig bridge1 addm epair1051a &&
  ifconfig epair1051b vnet host2-vpn1 &&
  jexec host2-vpn1 ifconfig epair1051b inet 10.0.254.51/24 up
}
undo_111() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair1051a vpncore || failed=yes
  [ "$failed" = no ]
}

# vpn1: 192.168.1.0/24 is reached by way of 192.168.2.1
about_112() { part=vpn1 title='vpn1: 192.168.1.0/24 is reached by way of 192.168.2.1'; }
test_112() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn1 route -n get -net 192.168.1.0/24
}
make_112() {
  { jexec host2-vpn1 route -nq delete -net 192.168.1.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn1 route -nq add -net 192.168.1.0/24 192.168.2.1
}
undo_112() {
  failed=no
  jexec host2-vpn1 route -nq delete -net 192.168.1.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn1: 192.168.3.0/24 is reached by way of 192.168.2.1
about_113() { part=vpn1 title='vpn1: 192.168.3.0/24 is reached by way of 192.168.2.1'; }
test_113() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn1 route -n get -net 192.168.3.0/24
}
make_113() {
  { jexec host2-vpn1 route -nq delete -net 192.168.3.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn1 route -nq add -net 192.168.3.0/24 192.168.2.1
}
undo_113() {
  failed=no
  jexec host2-vpn1 route -nq delete -net 192.168.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn1: 172.16.3.0/24 is reached by way of 192.168.2.1
about_114() { part=vpn1 title='vpn1: 172.16.3.0/24 is reached by way of 192.168.2.1'; }
test_114() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn1 route -n get -net 172.16.3.0/24
}
make_114() {
  { jexec host2-vpn1 route -nq delete -net 172.16.3.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn1 route -nq add -net 172.16.3.0/24 192.168.2.1
}
undo_114() {
  failed=no
  jexec host2-vpn1 route -nq delete -net 172.16.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn1: the servers of its provider, by number
about_115() { part=vpn1 title='vpn1: the servers of its provider, by number'; }
test_115() {
  sh /var/run/vpncore/host2/vpn1/servers.sh test
}
make_115() {
  sh /var/run/vpncore/host2/vpn1/servers.sh
}
undo_115() {
  failed=no
  [ "$failed" = no ]
}

# vpn1: the tunnel of a client, gre1
about_116() { part=vpn1 title='vpn1: the tunnel of a client, gre1'; }
test_116() {
  prints 'tunnel inet 10.0.254.51 --> 172.16.3.2' jexec host2-vpn1 ifconfig gre1 &&
  prints 'inet 10.15.0.5 --> 10.15.0.6 ' jexec host2-vpn1 ifconfig gre1
}
make_116() {
  { jexec host2-vpn1 ifconfig gre1 destroy >/dev/null 2>&1 || :; } &&
  jexec host2-vpn1 ifconfig gre1 create &&
  jexec host2-vpn1 ifconfig gre1 inet tunnel 10.0.254.51 172.16.3.2 &&
  jexec host2-vpn1 ifconfig gre1 inet 10.15.0.5/30 10.15.0.6 mtu 1376 up
}
undo_116() {
  failed=no
  jexec host2-vpn1 ifconfig gre1 destroy || failed=yes
  [ "$failed" = no ]
}

# vpn1: the key /var/run/vpncore/host2/vpn1/ssh_host_key
about_117() { part=vpn1 title='vpn1: the key /var/run/vpncore/host2/vpn1/ssh_host_key'; }
test_117() {
  test -s /var/run/vpncore/host2/vpn1/ssh_host_key.pub
}
make_117() {
  rm -f /var/run/vpncore/host2/vpn1/ssh_host_key /var/run/vpncore/host2/vpn1/ssh_host_key.pub &&
  ssh-keygen -q -t ed25519 -N '' -C host2-vpn1 -f /var/run/vpncore/host2/vpn1/ssh_host_key
}
undo_117() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/ssh_host_key /var/run/vpncore/host2/vpn1/ssh_host_key.pub || failed=yes
  [ "$failed" = no ]
}

# vpn1: the router knows it by its key
about_118() { part=vpn1 title='vpn1: the router knows it by its key'; }
test_118() {
  prints 192.168.2.51 cat /var/run/vpncore/host2/ipsec/known_hosts.vpn1
}
make_118() {
  sh -c 'printf "%s %s\n" "$1" "$(cut -d " " -f 1,2 "$2")" >"$3"' sh 192.168.2.51 /var/run/vpncore/host2/vpn1/ssh_host_key.pub /var/run/vpncore/host2/ipsec/known_hosts.vpn1
}
undo_118() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/known_hosts.vpn1 || failed=yes
  [ "$failed" = no ]
}

# vpn1: /var/run/vpncore/host2/vpn1/session_key.pub, a copy of /var/run/vpncore/host2/ipsec/session_key.pub
about_119() { part=vpn1 title='vpn1: /var/run/vpncore/host2/vpn1/session_key.pub, a copy of /var/run/vpncore/host2/ipsec/session_key.pub'; }
test_119() {
  cmp -s /var/run/vpncore/host2/ipsec/session_key.pub /var/run/vpncore/host2/vpn1/session_key.pub
}
make_119() {
  install -m 644 /var/run/vpncore/host2/ipsec/session_key.pub /var/run/vpncore/host2/vpn1/session_key.pub
}
undo_119() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn1/session_key.pub || failed=yes
  [ "$failed" = no ]
}

# vpn1: sshd, by which the router starts and ends the session
about_120() { part=vpn1 title='vpn1: sshd, by which the router starts and ends the session'; }
test_120() {
  jexec host2-vpn1 service sshd onestatus &&
  text_37 | cmp -s - /jails/host2-vpn1/var/run/vpncore-sshd.mark
}
make_120() {
  jexec host2-vpn1 service sshd onerestart &&
  text_37 | tee /jails/host2-vpn1/var/run/vpncore-sshd.mark
}
undo_120() {
  failed=no
  rm -f /jails/host2-vpn1/var/run/vpncore-sshd.mark || failed=yes
  jexec host2-vpn1 service sshd onestop || failed=yes
  [ "$failed" = no ]
}

# vpn2: directories for its rendered files
about_121() { part=vpn2 title='vpn2: directories for its rendered files'; }
test_121() {
  test -d /var/run/vpncore/host2/vpn2
}
make_121() {
  install -d -m 755 /var/run/vpncore/host2/vpn2
}
undo_121() {
  failed=no
  { rmdir /var/run/vpncore/host2/vpn2 >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/rc.conf.local
about_122() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/rc.conf.local'; }
test_122() {
  text_38 | cmp -s - /var/run/vpncore/host2/vpn2/rc.conf.local
}
make_122() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn2/rc.conf.local &&
  text_38 | tee /var/run/vpncore/host2/vpn2/rc.conf.local
}
undo_122() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/resolv.conf
about_123() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/resolv.conf'; }
test_123() {
  text_32 | cmp -s - /var/run/vpncore/host2/vpn2/resolv.conf
}
make_123() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn2/resolv.conf &&
  text_32 | tee /var/run/vpncore/host2/vpn2/resolv.conf
}
undo_123() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/ipfw.rules
about_124() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/ipfw.rules'; }
test_124() {
  text_39 | cmp -s - /var/run/vpncore/host2/vpn2/ipfw.rules
}
make_124() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn2/ipfw.rules &&
  text_39 | tee /var/run/vpncore/host2/vpn2/ipfw.rules
}
undo_124() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/ipfw.rules || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/session.sh
about_125() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/session.sh'; }
test_125() {
  text_40 | cmp -s - /var/run/vpncore/host2/vpn2/session.sh
}
make_125() {
  install -m 755 /dev/null /var/run/vpncore/host2/vpn2/session.sh &&
  text_40 | tee /var/run/vpncore/host2/vpn2/session.sh
}
undo_125() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/session.sh || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/sshd_config
about_126() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/sshd_config'; }
test_126() {
  text_41 | cmp -s - /var/run/vpncore/host2/vpn2/sshd_config
}
make_126() {
  install -m 644 /dev/null /var/run/vpncore/host2/vpn2/sshd_config &&
  text_41 | tee /var/run/vpncore/host2/vpn2/sshd_config
}
undo_126() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/sshd_config || failed=yes
  [ "$failed" = no ]
}

# vpn2: the file /var/run/vpncore/host2/vpn2/servers.sh
about_127() { part=vpn2 title='vpn2: the file /var/run/vpncore/host2/vpn2/servers.sh'; }
test_127() {
  text_42 | cmp -s - /var/run/vpncore/host2/vpn2/servers.sh
}
make_127() {
  install -m 755 /dev/null /var/run/vpncore/host2/vpn2/servers.sh &&
  text_42 | tee /var/run/vpncore/host2/vpn2/servers.sh
}
undo_127() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/servers.sh || failed=yes
  [ "$failed" = no ]
}

# vpn2: its file system, a clone of zroot/jails/base@clean
about_128() { part=vpn2 title='vpn2: its file system, a clone of zroot/jails/base@clean'; }
test_128() {
  prints host2 zfs get -H -o value vpncore:site zroot/jails/host2-vpn2
}
make_128() {
  zfs clone -o vpncore:site=host2 zroot/jails/base@clean zroot/jails/host2-vpn2
}
undo_128() {
  failed=no
  sh -c '[ "$(zfs get -H -o value "$1" "$2" 2>/dev/null)" != "$3" ] || zfs destroy "$2"' sh vpncore:site zroot/jails/host2-vpn2 host2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: /var/run/vpncore/host2/vpn2, as the host has it
about_129() { part=vpn2 title='vpn2: /var/run/vpncore/host2/vpn2, as the host has it'; }
test_129() {
  prints ' on /jails/host2-vpn2/var/run/vpncore/host2/vpn2 (' mount -t nullfs
}
make_129() {
  mkdir -p /jails/host2-vpn2/var/run/vpncore/host2/vpn2 &&
  mount -t nullfs -o ro /var/run/vpncore/host2/vpn2 /jails/host2-vpn2/var/run/vpncore/host2/vpn2
}
undo_129() {
  failed=no
  umount /jails/host2-vpn2/var/run/vpncore/host2/vpn2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: /etc/vpncore/provider-b, as the host has it
about_130() { part=vpn2 title='vpn2: /etc/vpncore/provider-b, as the host has it'; }
test_130() {
  prints ' on /jails/host2-vpn2/etc/vpncore/provider-b (' mount -t nullfs
}
make_130() {
  mkdir -p /jails/host2-vpn2/etc/vpncore/provider-b &&
  mount -t nullfs -o ro /etc/vpncore/provider-b /jails/host2-vpn2/etc/vpncore/provider-b
}
undo_130() {
  failed=no
  umount /jails/host2-vpn2/etc/vpncore/provider-b || failed=yes
  [ "$failed" = no ]
}

# vpn2: /jails/host2-vpn2/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpn2/rc.conf.local
about_131() { part=vpn2 title='vpn2: /jails/host2-vpn2/etc/rc.conf.local, a copy of /var/run/vpncore/host2/vpn2/rc.conf.local'; }
test_131() {
  cmp -s /var/run/vpncore/host2/vpn2/rc.conf.local /jails/host2-vpn2/etc/rc.conf.local
}
make_131() {
  install -m 644 /var/run/vpncore/host2/vpn2/rc.conf.local /jails/host2-vpn2/etc/rc.conf.local
}
undo_131() {
  failed=no
  rm -f /jails/host2-vpn2/etc/rc.conf.local || failed=yes
  [ "$failed" = no ]
}

# vpn2: /jails/host2-vpn2/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpn2/resolv.conf
about_132() { part=vpn2 title='vpn2: /jails/host2-vpn2/etc/resolv.conf, a copy of /var/run/vpncore/host2/vpn2/resolv.conf'; }
test_132() {
  cmp -s /var/run/vpncore/host2/vpn2/resolv.conf /jails/host2-vpn2/etc/resolv.conf
}
make_132() {
  install -m 644 /var/run/vpncore/host2/vpn2/resolv.conf /jails/host2-vpn2/etc/resolv.conf
}
undo_132() {
  failed=no
  rm -f /jails/host2-vpn2/etc/resolv.conf || failed=yes
  [ "$failed" = no ]
}

# vpn2: the jail host2-vpn2
about_133() { part=vpn2 title='vpn2: the jail host2-vpn2'; }
test_133() {
  jls -j host2-vpn2 jid
}
make_133() {
  jail -f /var/run/vpncore/host2/jail.conf -c host2-vpn2
}
undo_133() {
  failed=no
  jail -f /var/run/vpncore/host2/jail.conf -r host2-vpn2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: nothing passes, but for the rules to come
about_134() { part=vpn2 title='vpn2: nothing passes, but for the rules to come'; }
test_134() {
  jexec host2-vpn2 ipfw -q list 65534
}
make_134() {
  jexec host2-vpn2 ipfw -q add 65534 set 31 deny log ip from any to any
}
undo_134() {
  failed=no
  [ "$failed" = no ]
}

# vpn2: tun52, for the session
about_135() { part=vpn2 title='vpn2: tun52, for the session'; }
test_135() {
  jexec host2-vpn2 ifconfig tun52
}
make_135() {
  jexec host2-vpn2 ifconfig tun52 create
}
undo_135() {
  failed=no
  jexec host2-vpn2 ifconfig tun52 destroy || failed=yes
  [ "$failed" = no ]
}

# vpn2: the translation that leads to the provider's resolver
about_136() { part=vpn2 title='vpn2: the translation that leads to the provider'\''s resolver'; }
test_136() {
  prints 192.168.2.52 jexec host2-vpn2 ipfw -q nat 2 show config
}
make_136() {
  jexec host2-vpn2 ipfw -q nat 2 config ip 192.168.2.52
}
undo_136() {
  failed=no
  jexec host2-vpn2 ipfw -q nat 2 delete || failed=yes
  [ "$failed" = no ]
}

# vpn2: it passes packets on (net.inet.ip.forwarding=1)
about_137() { part=vpn2 title='vpn2: it passes packets on (net.inet.ip.forwarding=1)'; }
test_137() {
  prints 'net.inet.ip.forwarding: 1' jexec host2-vpn2 sysctl net.inet.ip.forwarding
}
make_137() {
  jexec host2-vpn2 sysctl net.inet.ip.forwarding=1
}
undo_137() {
  failed=no
  jexec host2-vpn2 sysctl net.inet.ip.forwarding=0 || failed=yes
  [ "$failed" = no ]
}

# vpn2: what may pass in it
about_138() { part=vpn2 title='vpn2: what may pass in it'; }
test_138() {
  prints 752783224 jexec host2-vpn2 ipfw table rules list
}
make_138() {
  jexec host2-vpn2 ipfw -q /var/run/vpncore/host2/vpn2/ipfw.rules
}
undo_138() {
  failed=no
  jexec host2-vpn2 ipfw -q -f flush || failed=yes
  { jexec host2-vpn2 ipfw -q table rules destroy >/dev/null 2>&1 || :; }
  [ "$failed" = no ]
}

# vpn2: a wire to bridge0, with the address 192.168.2.52
about_139() { part=vpn2 title='vpn2: a wire to bridge0, with the address 192.168.2.52'; }
test_139() {
  prints ' vpncore' ifconfig epair52a &&
  prints 'member: epair52a ' ifconfig bridge0 &&
  prints 'inet 192.168.2.52 ' jexec host2-vpn2 ifconfig epair52b
}
make_139() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair52a vpncore &&
  ifconfig epair52 create &&
  ifconfig epair52a group vpncore up &&
  ifconfig bridge0 addm epair52a &&
  ifconfig epair52b vnet host2-vpn2 &&
  jexec host2-vpn2 ifconfig epair52b inet 192.168.2.52/24 up
}
undo_139() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair52a vpncore || failed=yes
  [ "$failed" = no ]
}

# vpn2: a wire to bridge1, with the address 10.0.254.52
about_140() { part=vpn2 title='vpn2: a wire to bridge1, with the address 10.0.254.52'; }
test_140() {
  prints ' vpncore' ifconfig epair1052a &&
  prints 'member: epair1052a ' ifconfig bridge1 &&
  prints 'inet 10.0.254.52 ' jexec host2-vpn2 ifconfig epair1052b
}
make_140() {
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair1052a vpncore &&
  ifconfig epair1052 create &&
  ifconfig epair1052a group vpncore up &&
  ifconfig bridge1 addm epair1052a &&
  ifconfig epair1052b vnet host2-vpn2 &&
  jexec host2-vpn2 ifconfig epair1052b inet 10.0.254.52/24 up
}
undo_140() {
  failed=no
  sh -c 'if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi' sh epair1052a vpncore || failed=yes
  [ "$failed" = no ]
}

# vpn2: 192.168.1.0/24 is reached by way of 192.168.2.1
about_141() { part=vpn2 title='vpn2: 192.168.1.0/24 is reached by way of 192.168.2.1'; }
test_141() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn2 route -n get -net 192.168.1.0/24
}
make_141() {
  { jexec host2-vpn2 route -nq delete -net 192.168.1.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn2 route -nq add -net 192.168.1.0/24 192.168.2.1
}
undo_141() {
  failed=no
  jexec host2-vpn2 route -nq delete -net 192.168.1.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn2: 192.168.3.0/24 is reached by way of 192.168.2.1
about_142() { part=vpn2 title='vpn2: 192.168.3.0/24 is reached by way of 192.168.2.1'; }
test_142() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn2 route -n get -net 192.168.3.0/24
}
make_142() {
  { jexec host2-vpn2 route -nq delete -net 192.168.3.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn2 route -nq add -net 192.168.3.0/24 192.168.2.1
}
undo_142() {
  failed=no
  jexec host2-vpn2 route -nq delete -net 192.168.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn2: 172.16.3.0/24 is reached by way of 192.168.2.1
about_143() { part=vpn2 title='vpn2: 172.16.3.0/24 is reached by way of 192.168.2.1'; }
test_143() {
  prints 'gateway: 192.168.2.1' jexec host2-vpn2 route -n get -net 172.16.3.0/24
}
make_143() {
  { jexec host2-vpn2 route -nq delete -net 172.16.3.0/24 >/dev/null 2>&1 || :; } &&
  jexec host2-vpn2 route -nq add -net 172.16.3.0/24 192.168.2.1
}
undo_143() {
  failed=no
  jexec host2-vpn2 route -nq delete -net 172.16.3.0/24 || failed=yes
  [ "$failed" = no ]
}

# vpn2: the servers of its provider, by number
about_144() { part=vpn2 title='vpn2: the servers of its provider, by number'; }
test_144() {
  sh /var/run/vpncore/host2/vpn2/servers.sh test
}
make_144() {
  sh /var/run/vpncore/host2/vpn2/servers.sh
}
undo_144() {
  failed=no
  [ "$failed" = no ]
}

# vpn2: the tunnel of a client, gre2
about_145() { part=vpn2 title='vpn2: the tunnel of a client, gre2'; }
test_145() {
  prints 'tunnel inet 10.0.254.52 --> 192.168.1.4' jexec host2-vpn2 ifconfig gre2 &&
  prints 'inet 10.15.0.9 --> 10.15.0.10 ' jexec host2-vpn2 ifconfig gre2 &&
  prints 'interface: gre2' jexec host2-vpn2 route -n get -net 192.168.7.0/24
}
make_145() {
  { jexec host2-vpn2 ifconfig gre2 destroy >/dev/null 2>&1 || :; } &&
  jexec host2-vpn2 ifconfig gre2 create &&
  jexec host2-vpn2 ifconfig gre2 inet tunnel 10.0.254.52 192.168.1.4 &&
  jexec host2-vpn2 ifconfig gre2 inet 10.15.0.9/30 10.15.0.10 mtu 1376 up &&
  jexec host2-vpn2 route -nq add -net 192.168.7.0/24 10.15.0.10
}
undo_145() {
  failed=no
  { jexec host2-vpn2 route -nq delete -net 192.168.7.0/24 >/dev/null 2>&1 || :; }
  jexec host2-vpn2 ifconfig gre2 destroy || failed=yes
  [ "$failed" = no ]
}

# vpn2: the key /var/run/vpncore/host2/vpn2/ssh_host_key
about_146() { part=vpn2 title='vpn2: the key /var/run/vpncore/host2/vpn2/ssh_host_key'; }
test_146() {
  test -s /var/run/vpncore/host2/vpn2/ssh_host_key.pub
}
make_146() {
  rm -f /var/run/vpncore/host2/vpn2/ssh_host_key /var/run/vpncore/host2/vpn2/ssh_host_key.pub &&
  ssh-keygen -q -t ed25519 -N '' -C host2-vpn2 -f /var/run/vpncore/host2/vpn2/ssh_host_key
}
undo_146() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/ssh_host_key /var/run/vpncore/host2/vpn2/ssh_host_key.pub || failed=yes
  [ "$failed" = no ]
}

# vpn2: the router knows it by its key
about_147() { part=vpn2 title='vpn2: the router knows it by its key'; }
test_147() {
  prints 192.168.2.52 cat /var/run/vpncore/host2/ipsec/known_hosts.vpn2
}
make_147() {
  sh -c 'printf "%s %s\n" "$1" "$(cut -d " " -f 1,2 "$2")" >"$3"' sh 192.168.2.52 /var/run/vpncore/host2/vpn2/ssh_host_key.pub /var/run/vpncore/host2/ipsec/known_hosts.vpn2
}
undo_147() {
  failed=no
  rm -f /var/run/vpncore/host2/ipsec/known_hosts.vpn2 || failed=yes
  [ "$failed" = no ]
}

# vpn2: /var/run/vpncore/host2/vpn2/session_key.pub, a copy of /var/run/vpncore/host2/ipsec/session_key.pub
about_148() { part=vpn2 title='vpn2: /var/run/vpncore/host2/vpn2/session_key.pub, a copy of /var/run/vpncore/host2/ipsec/session_key.pub'; }
test_148() {
  cmp -s /var/run/vpncore/host2/ipsec/session_key.pub /var/run/vpncore/host2/vpn2/session_key.pub
}
make_148() {
  install -m 644 /var/run/vpncore/host2/ipsec/session_key.pub /var/run/vpncore/host2/vpn2/session_key.pub
}
undo_148() {
  failed=no
  rm -f /var/run/vpncore/host2/vpn2/session_key.pub || failed=yes
  [ "$failed" = no ]
}

# vpn2: sshd, by which the router starts and ends the session
about_149() { part=vpn2 title='vpn2: sshd, by which the router starts and ends the session'; }
test_149() {
  jexec host2-vpn2 service sshd onestatus &&
  text_43 | cmp -s - /jails/host2-vpn2/var/run/vpncore-sshd.mark
}
make_149() {
  jexec host2-vpn2 service sshd onerestart &&
  text_43 | tee /jails/host2-vpn2/var/run/vpncore-sshd.mark
}
undo_149() {
  failed=no
  rm -f /jails/host2-vpn2/var/run/vpncore-sshd.mark || failed=yes
  jexec host2-vpn2 service sshd onestop || failed=yes
  [ "$failed" = no ]
}

# ipsec: dynvpn, which keeps the VPNs online
about_150() { part=ipsec title='ipsec: dynvpn, which keeps the VPNs online'; }
test_150() {
  jexec host2-ipsec pgrep -F /var/run/dynvpn.pid &&
  text_44 | cmp -s - /jails/host2-ipsec/var/run/vpncore-dynvpn.mark
}
make_150() {
  jexec host2-ipsec sh -c 'pkill -F "$1" 2>/dev/null || exit 0
n=0; while pgrep -F "$1" >/dev/null 2>&1 && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done' sh /var/run/dynvpn.pid &&
  jexec host2-ipsec sh -c 'file=$1; shift; "$@" || exit
n=0; until pgrep -F "$file" >/dev/null 2>&1; do n=$((n + 1)); [ "$n" -lt 100 ] || exit 1; sleep 0.1; done' sh /var/run/dynvpn.pid daemon -f -r -H -P /var/run/dynvpn.pid -o /var/log/dynvpn.log -t dynvpn dynvpn --conf /var/run/vpncore/host2/ipsec/dynvpn/Dynvpnfile &&
  text_44 | tee /jails/host2-ipsec/var/run/vpncore-dynvpn.mark
}
undo_150() {
  failed=no
  rm -f /jails/host2-ipsec/var/run/vpncore-dynvpn.mark || failed=yes
  jexec host2-ipsec sh -c 'pkill -F "$1" 2>/dev/null || exit 0
n=0; while pgrep -F "$1" >/dev/null 2>&1 && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done' sh /var/run/dynvpn.pid || failed=yes
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
