/** How WireGuard is run: by the kernel where it can, else by wireguard-go. */
import type { RenderedFile } from './file.js';

/** The words of a configuration that `wg` does not know: they are for wg-quick, and here for us. */
const quickWords = ['Address', 'DNS', 'MTU', 'Table', 'PreUp', 'PostUp', 'PreDown', 'PostDown', 'SaveConfig'];

const text = `# For vpn-set-online.sh: WireGuard, with the provider's configuration (that of wg-quick, whose commands are not run).
# shellcheck shell=sh disable=SC2154
# value WORD: all that the configuration says to it, a line each
value() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//Ip" "$configuration" | tr -d ' \\t\\r' | tr ',' '\\n'; }
first_address() { value "$1" | grep -E -m 1 '^[0-9.]+(/[0-9]+)?$'; }

bring_up() {
  ip -n "$namespace" link add "$interface" type wireguard 2>/dev/null ||
    "$daemon" start "$namespace" "$name" session 10 "[ -S '/var/run/wireguard/$interface.sock' ]" wireguard-go -f "$interface" || return 1
  mtu=$(value MTU)
  sed -E '/^[[:space:]]*(${quickWords.join('|')})[[:space:]]*=/Id' "$configuration" | inside wg setconf "$interface" /dev/stdin &&
    ip -n "$namespace" address replace "$(first_address Address)" dev "$interface" &&
    ip -n "$namespace" link set "$interface" up mtu "\${mtu:-1420}" &&
    session_up "\${resolver:-$(first_address DNS)}"
}

bring_up || {
  "$daemon" stop "$namespace" "$name" 2
  ip -n "$namespace" link delete "$interface" 2>/dev/null
  exit 1
}
`;

export const wireguardScript: RenderedFile = { path: 'scripts/start-wireguard.sh', mode: 0o644, text };
