#!/bin/sh
# vpn-check-online.sh LOCAL_ADDR TIMEOUT NAME: does it carry anything? A real one pings through it.
test -e "/tmp/dynvpn-example/$3.session"
