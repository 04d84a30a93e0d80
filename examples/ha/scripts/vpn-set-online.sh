#!/bin/sh
# vpn-set-online.sh NAME LOCAL_ADDR VPN_DIR SITE GATEWAY: starts a session. A real one leaves a daemon running in the container.
mkdir -p "$3" && echo "$4 by $5" > "$3/$1.session"
