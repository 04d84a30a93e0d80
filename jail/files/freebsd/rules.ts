/** The rule files of a site, with the commands before and behind the rules proper. */
import type { Container, Site } from '../../site/site.js';
import { marked } from './ipfw.js';
import { hostRuleLines, hostTables } from './rules-host.js';
import { openRules, routerRules } from './rules-other.js';
import { vpnRules } from './rules-vpn.js';

export interface RuleFile {
  readonly text: string;
  /** What the table {@link table} holds when these rules are in force. */
  readonly mark: string;
  readonly table: string;
}

/** The last rule of a VPN container, and the first to stand there: no flush removes it, for it is in set 31 (ipfw(8), `set`). */
export const killSwitch = { number: 65_534, rule: ['set', '31', 'deny', 'log', 'ip', 'from', 'any', 'to', 'any'] } as const;

const ruleFile = (about: readonly string[], lines: readonly string[], table: string): RuleFile =>
  ({ ...marked([...about.map((line) => `# ${line}`), '', ...lines], table), table });

const about: Readonly<Record<Container['role'], string>> = {
  ipsec: 'the router',
  vpndns: 'the DNS server',
  vpn: 'a VPN: clients leave by the tunnel, or not at all',
  service: 'a service',
};

const rulesFor = (site: Site, container: Container): readonly string[] =>
  (container.role === 'vpn' ? vpnRules(site, container) : container.role === 'ipsec' ? routerRules(site) : openRules());

/** For `jexec JAIL ipfw -q FILE`. */
export function containerRules(site: Site, container: Container): RuleFile {
  const heading = [`${container.name} of ${site.name}, ${about[container.role]}: rules for ipfw(8), a command a line.`, 'Load them anew with: ipfw -q FILE'];
  return ruleFile(heading, ['-f flush', '# A packet that was translated goes on to the next rule.', 'disable one_pass', ...rulesFor(site, container)], 'rules');
}

/** For `ipfw -q FILE` on the host. */
export const hostRuleFile = (site: Site): RuleFile =>
  ruleFile([`${site.name}: the host's rules for ipfw(8), a command a line.`], hostRuleLines(site), hostTables.rules);
