/** The provider's servers have names; a container with rules and without a resolver needs numbers. */
import type { Site, VpnContainer } from '../../site/site.js';
import { hostTables } from './rules-host.js';
import { jailOf, rootOf } from './names.js';
import { learned } from './rules-vpn.js';

const hostsOf = ({ servers }: VpnContainer): readonly string[] => [...new Set(servers.map(({ host }) => host))];

/** `servers.sh`, for the host: asks for the addresses once, and pins them in the jail's hosts(5), routes and table, and in the host's table. */
export const serversScript = (site: Site, container: VpnContainer): string => `#!/bin/sh
# ${jailOf(site, container)}: the servers of its provider, by number. vpnjail made this file.
#   servers.sh        look them up, and let the container reach them
#   servers.sh test   is that done?
set -eu
PATH=\${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
export PATH

jail=${jailOf(site, container)}
servers='${hostsOf(container).join(' ')}'
hosts=${rootOf(site, container)}/etc/hosts

if [ "\${1:-}" = test ]; then
    grep -qxF "# vpncore: $servers" "$hosts" && jexec "$jail" ipfw table ${learned.servers} list | grep -q '[0-9]'
    exit
fi

new=$(mktemp "$hosts.XXXXXX")
trap 'rm -f "$new"' EXIT
chmod 644 "$new"
printf '127.0.0.1 localhost\\n# vpncore: %s\\n' "$servers" >"$new"
for server in $servers; do
    # A name has several addresses; an address is its own. There is no IPv6 in the container.
    addresses=$(getent hosts "$server" | awk '$1 ~ /^[0-9.]+$/ { print $1 }')
    [ -n "$addresses" ] || { echo "$server has no IPv4 address" >&2; exit 1; }
    for address in $addresses; do
        [ "$address" = "$server" ] || echo "$address $server" >>"$new"
        # By the wire, whatever the default route is: that is the tunnel.
        jexec "$jail" route -nq delete -host "$address" >/dev/null 2>&1 || true
        jexec "$jail" route -nq add -host "$address" ${site.gateway.text}
        jexec "$jail" ipfw -q table ${learned.servers} add "$address"
        ipfw -q table ${hostTables.servers} add "$address"
    done
done
mv -f "$new" "$hosts"
`;
