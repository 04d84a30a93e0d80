/** Every file of a site on Linux. */
import { namespaceOf } from '../plan/linux/names.js';
import type { Site, VpnContainer } from '../site/site.js';
import { renderDaemons } from './daemons.js';
import type { RenderedFile } from './file.js';
import { hostRules, rulesFile, rulesName, vpnRules, type Rules } from './nftables.js';
import { siteHome } from './home.js';
import { sessionScripts, vpnSettings } from './scripts.js';
import { tools } from './tools.js';

/** @returns those of the host and its daemons; those of each VPN are {@link vpnFiles} */
export const hostFiles = (site: Site): readonly RenderedFile[] => [
  rulesFile('host/rules.nft', hostRules(site)),
  ...tools,
  ...sessionScripts,
  ...renderDaemons(site),
];

/** What a VPN's rules include when it is known: its servers, and the resolver of its session. */
export const rulesOf = (site: Site, container: VpnContainer): Rules =>
  vpnRules(site, container, `${siteHome(site)}/vpn/${container.vpn.name}/known/*.nft`);

export function vpnFiles(site: Site, container: VpnContainer): readonly RenderedFile[] {
  const rules = rulesOf(site, container);
  return [
    rulesFile(`vpn/${container.vpn.name}/rules.nft`, rules),
    vpnSettings(site, container, namespaceOf(site, container), rulesName(rules)),
  ];
}

export const linuxFiles = (site: Site): readonly RenderedFile[] =>
  [...hostFiles(site), ...site.vpnContainers.flatMap((container) => vpnFiles(site, container))];
