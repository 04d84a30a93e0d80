/** What stands on a host with Linux, step by step. */
import { dirname } from 'node:path';
import { hostFiles } from '../../files/linux.js';
import { siteHome, stateHome } from '../../files/home.js';
import type { DnsContainer, ServiceContainer, Site } from '../../site/site.js';
import { hostPart, type Plan, type Step } from '../step.js';
import { containerSteps } from './container.js';
import { daemonStep } from './daemon.js';
import { ownedDirectoryStep, renderedStep, runDirectoryStep, stateDirectoriesStep } from './files.js';
import { hostSteps } from './host.js';
import { namespaceOf } from './names.js';
import { dynvpnStep, routerSteps, type FilesOf } from './router.js';
import { defaultRouteStep } from './routes.js';
import { vpnSteps } from './vpn.js';

/** Rules before wires, wires before daemons, and the HA daemon, which starts sessions, last. */
export function planLinux(site: Site): Plan {
  const files = hostFiles(site);
  const filesOf: FilesOf = (beginning) => files.filter(({ path }) => path.startsWith(beginning));
  return {
    site: site.name, sideBySide: true,
    steps: [
      ...groundSteps(site, files),
      ...hostSteps(site, siteHome(site)),
      ...routerSteps(site, filesOf),
      ...dnsSteps(site, site.dns),
      ...site.vpnContainers.flatMap((container) => vpnSteps(site, container)),
      ...site.services.flatMap((service) => serviceSteps(site, service)),
      dynvpnStep(site),
    ],
  };
}

function groundSteps(site: Site, files: ReturnType<typeof hostFiles>): readonly Step[] {
  const run = siteHome(site);
  return [
    runDirectoryStep(hostPart, run),
    stateDirectoriesStep(hostPart, dirname(stateHome(site, site.dns)), [stateHome(site, site.ipsec), stateHome(site, site.dns)]),
    ownedDirectoryStep(hostPart, `${run}/frr`, 'frr'),
    ...files.map((file) => renderedStep(hostPart, run, file)),
  ];
}

function dnsSteps(site: Site, dns: DnsContainer): readonly Step[] {
  const namespace = namespaceOf(site, dns);
  const run = siteHome(site);
  const [program, ...words] = site.programs.vpndns;
  return [
    ...containerSteps(site, dns, { forwards: false, resolver: dns.address }),
    defaultRouteStep(site, dns),
    daemonStep(run, {
      part: dns.name, namespace, name: 'vpndns', purpose: 'which asks for each client by its own VPN',
      argv: [program!, ...words, '--conf', `${run}/vpndns/Corefile`], ready: "ss -H -l -u -n 'sport = :53' | grep -q .", needs: ['ss'],
    }),
  ];
}

function serviceSteps(site: Site, service: ServiceContainer): readonly Step[] {
  const part = service.name;
  const namespace = namespaceOf(site, service);
  const [program, ...words] = service.command ?? [];
  return [
    ...containerSteps(site, service, { forwards: false, resolver: site.vpndns }),
    defaultRouteStep(site, service),
    ...(program === undefined ? [] : [daemonStep(siteHome(site), {
      part, namespace, name: service.name, purpose: 'a service', argv: [program, ...words], ready: 'true',
    })]),
  ];
}
