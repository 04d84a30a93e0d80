#!/bin/sh
# vpn-set-offline.sh NAME LOCAL_ADDR VPN_DIR: stops a session, and succeeds when there was none.
rm -f "$3/$1.session"
