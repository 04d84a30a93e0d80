/** What every container on FreeBSD stands in: a clone, a jail, rules, its wires. */
import { dirname } from 'node:path';
import { containerFiles, newsyslogName, rcConfName, resolvName, ruleFileName } from '../../files/freebsd/index.js';
import { containerDirectory, datasetOf, group, jailConfOf, jailOf, localWire, property, rootOf, type Gre, type Wire } from '../../files/freebsd/names.js';
import { forwarding } from '../../files/freebsd/host.js';
import { containerRules } from '../../files/freebsd/rules.js';
import type { RenderedFile } from '../../files/file.js';
import { siteHome } from '../../files/home.js';
import type { Container, Site } from '../../site/site.js';
import type { Step } from '../step.js';
import { clear, command, destroyOurs, inside, prints, shell } from './commands.js';
import { copyStep, directoriesStep, mountStep, renderedStep } from './files.js';

export interface Parts {
  /** Files besides {@link containerFiles}. */
  readonly files?: readonly RenderedFile[];
  /** What the jail sees of the host besides its own directory: mounted before it starts. */
  readonly mounts?: readonly Step[];
  /** Files in the clone, before the jail starts. */
  readonly copies?: readonly Step[];
  /** What must be there before the rules, for they speak of it. */
  readonly beforeRules?: readonly Step[];
}

/** Files of a jail, and what they are called in its /etc. */
const etc = { [rcConfName]: 'rc.conf.local', [resolvName]: 'resolv.conf', [newsyslogName]: 'newsyslog.conf.d/vpncore.conf' };

/** Without wires: rules first, then what they judge. */
export function jailSteps(site: Site, container: Container, { files: more = [], mounts = [], copies = [], beforeRules = [] }: Parts = {}): readonly Step[] {
  const part = container.name;
  const [jail, root, directory] = [jailOf(site, container), rootOf(site, container), containerDirectory(site, container)];
  const files = [...containerFiles(site, container), ...more];
  const below = [...new Set(files.map(({ path }) => dirname(`${siteHome(site)}/${path}`)))];
  return [
    directoriesStep(part, 'for its rendered files', [directory, ...below.filter((path) => path !== directory)]),
    ...files.map((file) => renderedStep(part, siteHome(site), file)),
    cloneStep(site, container),
    mountStep(part, root, directory),
    ...mounts,
    ...Object.entries(etc).filter(([name]) => files.some(({ path }) => path === `${part}/${name}`))
      .map(([name, to]) => copyStep(part, `${directory}/${name}`, `${root}/etc/${to}`, 0o644)),
    ...copies,
    jailStep(site, container),
    ...beforeRules,
    rulesStep(site, container, jail),
  ];
}

/** A clone is ours when its property says so. */
function cloneStep(site: Site, container: Container): Step {
  const dataset = datasetOf(site, container);
  const get = ['zfs', 'get', '-H', '-o', 'value', property, dataset] as const;
  return {
    part: container.name, title: `${container.name}: its file system, a clone of ${site.freebsd.base}`,
    test: [prints(site.name, ...get)],
    make: [command('zfs', 'clone', '-o', `${property}=${site.name}`, site.freebsd.base, dataset)],
    undo: [command(...shell('[ "$(zfs get -H -o value "$1" "$2" 2>/dev/null)" != "$3" ] || zfs destroy "$2"', property, dataset, site.name))],
  };
}

function jailStep(site: Site, container: Container): Step {
  const jail = jailOf(site, container);
  return {
    part: container.name, title: `${container.name}: the jail ${jail}`,
    test: [command('jls', '-j', jail, 'jid')],
    make: [command('jail', '-f', jailConfOf(site), '-c', jail)],
    undo: [command('jail', '-f', jailConfOf(site), '-r', jail)],
  };
}

function rulesStep(site: Site, container: Container, jail: string): Step {
  const { mark, table } = containerRules(site, container);
  return {
    part: container.name, title: `${container.name}: what may pass in it`,
    test: [inside(jail, prints(mark, 'ipfw', 'table', table, 'list'))],
    make: [inside(jail, command('ipfw', '-q', `${containerDirectory(site, container)}/${ruleFileName}`))],
    undo: [inside(jail, command('ipfw', '-q', '-f', 'flush')), inside(jail, clear('ipfw', '-q', 'table', table, 'destroy'))],
  };
}

export const localWireStep = (site: Site, container: Container): Step => wireStep(site, container, localWire(site, container));

export function wireStep(site: Site, container: Container, { pair, host, inside: end, bridge, address, network: { prefix } }: Wire): Step {
  const jail = jailOf(site, container);
  return {
    part: container.name, title: `${container.name}: a wire to ${bridge}, with the address ${address.text}`,
    test: [
      prints(` ${group}`, 'ifconfig', host),
      prints(`member: ${host} `, 'ifconfig', bridge),
      inside(jail, prints(`inet ${address.text} `, 'ifconfig', end)),
    ],
    make: [
      destroyOurs(host, group),
      command('ifconfig', pair, 'create'),
      command('ifconfig', host, 'group', group, 'up'),
      command('ifconfig', bridge, 'addm', host),
      command('ifconfig', end, 'vnet', jail),
      inside(jail, command('ifconfig', end, 'inet', `${address.text}/${prefix}`, 'up')),
    ],
    undo: [destroyOurs(host, group)],
  };
}

/** It passes packets on. */
export const forwardingStep = (site: Site, container: Container): Step =>
  jailSettingStep(site, container, forwarding.name, forwarding.value, '0', forwarding.why);

/** A setting of the jail's own network stack. */
export function jailSettingStep(site: Site, container: Container, name: string, value: string, usual: string, why: string): Step {
  const at = (setting: string) => inside(jailOf(site, container), command('sysctl', setting));
  return {
    part: container.name, title: `${container.name}: ${why} (${name}=${value})`,
    test: [{ ...at(name), prints: `${name}: ${value}` }],
    make: [at(`${name}=${value}`)],
    undo: [at(`${name}=${usual}`)],
  };
}

/** A gre(4) interface, and what is behind it. */
export function greStep(site: Site, container: Container, { name, tunnel: [near, far], inner: [ours, theirs], prefix, mtu, routes }: Gre, title: string): Step {
  const at = (...words: readonly string[]) => inside(jailOf(site, container), command('ifconfig', name, ...words));
  const route = (verb: string, to: string, ...words: readonly string[]) => inside(jailOf(site, container), command('route', '-nq', verb, '-net', to, ...words));
  return {
    part: container.name, title: `${container.name}: ${title}, ${name}`,
    test: [
      { ...at(), prints: `tunnel inet ${near.text} --> ${far.text}` },
      { ...at(), prints: `inet ${ours.text} --> ${theirs.text} ` },
      ...routes.map(({ text }) => inside(jailOf(site, container), prints(`interface: ${name}`, 'route', '-n', 'get', '-net', text))),
    ],
    make: [
      { ...at('destroy'), mayFail: true },
      at('create'),
      at('inet', 'tunnel', near.text, far.text),
      at('inet', `${ours.text}/${prefix}`, theirs.text, 'mtu', String(mtu), 'up'),
      ...routes.map(({ text }) => route('add', text, theirs.text)),
    ],
    undo: [...routes.map(({ text }) => ({ ...route('delete', text), mayFail: true as const })), at('destroy')],
  };
}
