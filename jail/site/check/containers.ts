/** The containers of a site: their roles, their names, and what they need. */
import { reportRepeated, type SiteFiles } from './report.js';

export function checkContainers(files: SiteFiles): void {
  checkRoles(files);
  checkNames(files);
  checkCertificates(files);
  checkDirectories(files);
}

/** One router and one DNS server. */
function checkRoles({ site, inSite }: SiteFiles): void {
  for (const role of ['ipsec', 'vpndns'] as const) {
    const [first, ...others] = Object.keys(site.containers).filter((name) => site.containers[name]!.role === role);
    if (first === undefined) inSite(['containers'], `there is no container with the role ${role}`);
    else for (const other of others) inSite(['containers', other], `${first}, at ${inSite.at(['containers', first])}, has the role ${role} already`);
  }
}

/** What has a meaning of its own for vpnjail or on the host. */
const reserved = ['host', 'all', 'lo', 'bridge0', 'bridge1'];

/** A container's name is that of an interface of the host, and with `-any` behind it that of another. */
function checkNames({ site, inSite }: SiteFiles): void {
  for (const name of Object.keys(site.containers)) {
    const path = ['containers', name];
    if (reserved.includes(name)) inSite(path, `${name} has another meaning; call the container something else`);
    if (name === site.internet) inSite(path, `${name} is the host's interface, at ${inSite.at(['internet'])}; the container's wire can't have that name`);
  }
  const interfaces = Object.entries(site.containers).flatMap(([name, { role }]) => (role === 'vpn' ? [name, `${name}-any`] : [name])
    .map((text) => [text, ['containers', name]] as const));
  reportRepeated(inSite, interfaces, 'the interface');
}

/** Without them nobody could tell one site from another on the Internet. */
function checkCertificates({ site, wan, inSite }: SiteFiles): void {
  if (wan.tunnel === 'gre') return;
  for (const [name, container] of Object.entries(site.containers)) {
    if (container.role !== 'ipsec') continue;
    for (const key of ['certificate', 'key', 'authority'] as const) {
      if (container[key] === undefined) inSite(['containers', name], `${key} is missing; tunnels of the kind ${wan.tunnel} need it`);
    }
  }
}

/** What `down` removes must not hold what has to outlive it. */
function checkDirectories({ site: { directories: { run, state } }, inSite }: SiteFiles): void {
  if (run === undefined || state === undefined) return;
  if (!isBelow(run, state) && !isBelow(state, run)) return;
  inSite(['directories', 'state'], `neither of ${run} and ${state} may be in the other: \`down\` removes the first`);
}

const isBelow = (directory: string, path: string): boolean => `${path}/`.startsWith(directory === '/' ? '/' : `${directory}/`);
