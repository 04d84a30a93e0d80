/** The lab as a drawing: who has what, and where clients are led. */
import { attempt, namespaces, run } from './command.js';
import { sessionsOf } from './faults.js';
import type { Lab } from './lab.js';
import { providerOf, siteName, type LabClient } from './layout.js';

type Vpn = 1 | 2;
const vpns: readonly Vpn[] = [1, 2];

/** Where a client's router sends what is for its VPN: `by to-lab-host1`, `to the container here`. */
async function wayOf(lab: Lab, { site, vpn }: LabClient): Promise<string> {
  const { code, stdout } = await attempt(['ip', '-n', `${siteName(site)}-ipsec`, 'route', 'get', lab.anycastOf(vpn)]);
  const [, gateway = '', device = ''] = / via (\S+) dev (\S+)/.exec(stdout) ?? [];
  if (code !== 0) return 'nowhere';
  return device.startsWith('to-') ? `by ${device} (${gateway})` : 'to the container there';
}

async function cellOf(lab: Lab, number: number, vpn: Vpn): Promise<string> {
  const site = lab.sites[number]!;
  const [hasRoute, sessions] = [await lab.hasRoute(site, vpn), await sessionsOf(lab, site, vpn)];
  return [...(hasRoute ? ['route'] : []), ...(sessions.length > 0 ? ['session'] : [])].join(' + ') || '·';
}

export async function describe(lab: Lab): Promise<string> {
  const existing = await namespaces();
  const lines = [`${lab.sites.length} sites, ${lab.options.tunnel}${lab.options.lease ? ', leases in etcd' : ''}`, ''];
  for (const [i, { name, id }] of lab.sites.entries()) {
    const containers = existing.filter((each) => each.startsWith(`${name}-`)).map((each) => each.slice(name.length + 1));
    const cells = await Promise.all(vpns.map(async (vpn) => `VPN ${vpn}: ${(await cellOf(lab, i, vpn)).padEnd(17)}`));
    lines.push(`  ${name.padEnd(11)} AS ${64600 + id}  ${cells.join(' ')} ${containers.join(' ')}`);
  }
  lines.push('');
  for (const client of lab.clients) {
    const provider = providerOf(client.vpn, lab.options);
    lines.push(`  ${client.name} (VPN ${client.vpn}, ${provider}), on the router of ${siteName(client.site)}, is led ${await wayOf(lab, client)}`);
  }
  const links = await run(['ip', '-n', lab.namespaceOf(lab.sites[0]!, 'ipsec'), '-br', 'link']);
  return [...lines, '', `links of ${lab.sites[0]!.name}'s router:`, links.trimEnd()].join('\n');
}
