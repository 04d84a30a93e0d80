#!/bin/sh
# check-pid.sh NAME LOCAL_ADDR VPN_DIR: does a session run?
test -e "$3/$1.session"
