#!/bin/sh
# add-vpn-route.sh ANYCAST GATEWAY: puts the route in place.
mkdir -p /tmp/dynvpn-example && echo "$2" > "/tmp/dynvpn-example/$1.route"
