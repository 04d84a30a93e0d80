/** What may pass in the router and in containers without a tunnel. A new network stack lets nothing pass, so each needs a rule. */
import type { Site } from '../../site/site.js';
import { tableLines } from './ipfw.js';
import { routedClients } from './names.js';
import { texts, wholeWan } from './networks.js';

/** The router: what each link may bring, and the policy routes of clients that have no tunnel of their own. */
export function routerRules(site: Site): readonly string[] {
  const routed = routedClients(site);
  return [
    ...tableLines({ name: 'links', type: 'iface', entries: site.links.map((link) => link.interface) }),
    ...tableLines({ name: 'wan', type: 'addr', entries: texts(wholeWan(site)) }),
    'add 100 allow ip from any to any via lo0',
    'add 110 deny ip6 from any to any',
    '# By the links nobody comes in with an address of this site: with interfaces, no selector of IPsec sees to that.',
    `add 120 deny log ip from ${site.network.text} to any in recv table(links)`,
    ...routed.flatMap(({ client: { name, prefixes }, gre }) => prefixes.flatMap(({ text }, i) => [
      `# ${name}: to the Internet by its VPN, or not at all.`,
      `add ${200 + i} fwd ${gre.inner[1].text} ip from ${text} to not table(wan) in`,
      `add ${300 + i} deny ip from ${text} to not table(wan) out not xmit ${gre.name}`,
    ])),
    'add 1000 allow ip from any to any',
  ];
}

export const openRules = (): readonly string[] => ['add 110 deny ip6 from any to any', 'add 1000 allow ip from any to any'];
