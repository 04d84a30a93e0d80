/** A provider's servers that are known by name. */
import { parseAddress } from '../../../core/address.js';
import { siteHome } from '../../files/home.js';
import type { Site, VpnContainer } from '../../site/site.js';
import type { Step } from '../step.js';
import { command } from './commands.js';
import { namespaceOf } from './names.js';

type Server = VpnContainer['servers'][number];

/** Whether it is known by its address. */
export const isNumbered = ({ host }: Server): boolean => parseAddress(host) !== undefined;

/** Their names are looked up once, by the host, and stay what they were: the container asks nobody. */
export function pinSteps(site: Site, container: VpnContainer): readonly Step[] {
  const named = container.servers.filter((server) => !isNumbered(server));
  if (named.length === 0) return [];
  const run = siteHome(site);
  const namespace = namespaceOf(site, container);
  const [hosts, known] = [`/etc/netns/${namespace}/hosts`, `${run}/vpn/${container.vpn.name}/known/servers.nft`];
  const servers = named.flatMap(({ host, protocol, port }) => [host, protocol, String(port)]);
  const names = [...new Set(named.map(({ host }) => host))];
  return [{
    part: container.name, title: `${container.name}: the addresses of ${names.join(', ')}`,
    test: [command('test', '-e', known), ...names.map((name) => command('grep', '-q', '-F', '-w', '-e', name, hosts))],
    make: [command('sh', `${run}/bin/pin`, namespace, site.gateway.text, known, ...servers)],
    undo: [command('rm', '-f', hosts, known)],
    needs: ['getent'],
  }];
}
