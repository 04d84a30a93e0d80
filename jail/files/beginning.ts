/**
 * How every script that is about a VPN begins, after its first comment: with what the VPN is.
 * @param variables what its arguments are
 */
export const beginning = (variables: string, options = '-u'): string => `# session.sh sets what this uses, and uses what this sets.
# shellcheck disable=SC1091,SC2034,SC2154
set ${options}
scripts=\${0%/*}
${variables}
. "$scripts/session.sh"`;
