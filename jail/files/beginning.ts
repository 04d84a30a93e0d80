/**
 * How every script that is about a VPN begins, after its first comment: with what the VPN is.
 * @param variables what its arguments are
 */
export const beginning = (variables: string, options = '-u'): string => `# shellcheck disable=SC1091,SC2034,SC2154 # session.sh sets what this uses, and uses what this sets
set ${options}
scripts=\${0%/*}
${variables}
. "$scripts/session.sh"`;
