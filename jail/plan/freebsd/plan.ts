/** The plan of a site on FreeBSD: jails with network stacks of their own, cloned from one file system. */
import { renderDaemons } from '../../files/daemons.js';
import type { RenderedFile } from '../../files/file.js';
import { homeOf } from '../../files/home.js';
import type { Site } from '../../site/site.js';
import type { Plan } from '../step.js';
import { dnsSteps, serviceSteps } from './dns.js';
import { hostSteps } from './host.js';
import { dynvpnStep, routerSteps } from './router.js';
import { vpnSteps } from './vpn.js';

export function planFreeBsd(site: Site): Plan {
  const files = renderDaemons(site);
  const below = (directory: string): readonly RenderedFile[] => files.filter(({ path }) => path.startsWith(`${directory}/`));
  const [dns, router] = [below(homeOf(site, 'vpndns')), below(site.ipsec.name)];
  return {
    site: site.name,
    steps: [
      ...hostSteps(site),
      ...routerSteps(site, router),
      ...dnsSteps(site, dns),
      ...site.vpnContainers.flatMap((container) => vpnSteps(site, container)),
      ...site.services.flatMap((container) => serviceSteps(site, container)),
      dynvpnStep(site, router),
    ],
  };
}
