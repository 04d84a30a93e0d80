/** The DNS server, and services. */
import type { RenderedFile } from '../../files/file.js';
import { dnsUser, jailOf, rootOf } from '../../files/freebsd/names.js';
import { homeOf, siteHome, stateHome } from '../../files/home.js';
import type { ServiceContainer, Site } from '../../site/site.js';
import type { Step } from '../step.js';
import { command } from './commands.js';
import { jailSettingStep, jailSteps, localWireStep } from './container.js';
import { daemonStep, supervised } from './daemon.js';
import { filesOfHost, mountStep, stateStep } from './files.js';
import { routeSteps, via } from './routes.js';

/** @param files of vpndns */
export function dnsSteps(site: Site, files: readonly RenderedFile[]): readonly Step[] {
  const { dns, gateway } = site;
  const { name: part, blocklists, records, more } = dns;
  const [root, state] = [rootOf(site, dns), stateHome(site, dns)];
  return [
    stateStep(part, state, dnsUser.id),
    ...jailSteps(site, dns, {
      files,
      mounts: [mountStep(part, root, state, []), ...(blocklists === undefined ? [] : [mountStep(part, root, blocklists)])],
      copies: [userStep(part, root), ...filesOfHost(part, root, [records, more], 0o644)],
    }),
    localWireStep(site, dns),
    ...routeSteps(part, jailOf(site, dns), [{ to: 'default', by: via(gateway) }]),
    jailSettingStep(site, dns, 'net.inet.ip.portrange.reservedhigh', '52', '1023', 'port 53 is for anybody, so that vpndns need not be root'),
    daemonStep(site, dns, {
      name: 'vpndns', purpose: 'the DNS server', files,
      ...supervised('vpndns', dnsUser.name, [...site.programs.vpndns, '--conf', `${siteHome(site)}/${homeOf(site, 'vpndns')}/Corefile`]),
    }),
  ];
}

const userStep = (part: string, root: string): Step => ({
  part, title: `${part}: the user ${dnsUser.name}`,
  test: [command('pw', '-R', root, 'usershow', dnsUser.name)],
  make: [command('pw', '-R', root, 'useradd', dnsUser.name, '-u', String(dnsUser.id), '-d', '/nonexistent', '-s', '/usr/sbin/nologin', '-c', 'vpndns')],
  undo: [command('pw', '-R', root, 'userdel', dnsUser.name)],
});

export const serviceSteps = (site: Site, container: ServiceContainer): readonly Step[] => [
  ...jailSteps(site, container),
  localWireStep(site, container),
  ...routeSteps(container.name, jailOf(site, container), [{ to: 'default', by: via(site.gateway) }]),
  ...(container.command === undefined ? [] : [
    daemonStep(site, container, { name: container.name, purpose: 'the service', files: [], ...supervised(container.name, undefined, container.command) }),
  ]),
];
