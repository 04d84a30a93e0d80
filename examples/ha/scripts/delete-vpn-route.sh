#!/bin/sh
# delete-vpn-route.sh ANYCAST: removes the route.
rm -f "/tmp/dynvpn-example/$1.route"
