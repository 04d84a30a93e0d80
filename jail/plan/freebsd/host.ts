/** What the host itself gets: modules, settings, devices for jails, rules, bridges, and routes to the rest of the WAN. */
import type { Address, Cidr } from '../../../core/address.js';
import { defaultToAccept, devfsRules, hostSettings, modulesOf, type Module, type Setting } from '../../files/freebsd/host.js';
import { hostFiles, ruleFileName } from '../../files/freebsd/index.js';
import { bridges, devfsRuleset, group, hostRules } from '../../files/freebsd/names.js';
import { elsewhere } from '../../files/freebsd/networks.js';
import { hostTables } from '../../files/freebsd/rules-host.js';
import { hostRuleFile } from '../../files/freebsd/rules.js';
import { siteHome } from '../../files/home.js';
import type { Site } from '../../site/site.js';
import { hostPart, type Step } from '../step.js';
import { clear, command, destroyOurs, prints, shell } from './commands.js';
import { directoriesStep, renderedStep } from './files.js';
import { hostRouteStep } from './routes.js';

export const hostSteps = (site: Site): readonly Step[] => {
  const run = siteHome(site);
  return [
    directoriesStep(hostPart, 'for rendered files, process ids and logs', [site.directories.run, run]),
    ...hostFiles(site).map((file) => renderedStep(hostPart, run, file)),
    ...modulesOf(site).map(moduleStep),
    ...hostSettings.map((setting) => settingStep(setting, run)),
    devfsStep,
    rulesStep(site),
    bridgeStep(bridges.local, site.gateway, site.network, 'for all containers'),
    bridgeStep(bridges.anycast, site.anycastGateway, site.wan.networks.anycast, 'for the addresses that VPNs share'),
    ...elsewhere(site).map(({ text }) => hostRouteStep(text, site.router)),
    ...site.prefixes.map(({ text }) => hostRouteStep(text, site.router, 'unless the host has a way of its own')),
  ];
};

/** A module stays: who else uses it is not ours to know. */
function moduleStep({ file, name, why }: Module): Step {
  return {
    part: hostPart, title: `host: the kernel's ${name}, for ${why}`,
    test: [command('kldstat', '-q', '-m', name)],
    // On a machine that had no ipfw all passed, and so it must when ipfw comes: else whoever administers it from afar is locked out.
    make: [...(name === 'ipfw' ? [command('kenv', `${defaultToAccept}=1`)] : []), command('kldload', '-n', file)],
    undo: [],
  };
}

/** How it was before is kept, for `down`. */
function settingStep({ name, value, why }: Setting, run: string): Step {
  const before = `${run}/${name}`;
  return {
    part: hostPart, title: `host: ${why} (${name}=${value})`,
    test: [prints(`${name}: ${value}`, 'sysctl', name)],
    make: [command(...shell('[ -e "$2" ] || sysctl "$1" >"$2.new" && mv "$2.new" "$2"', name, before)), command('sysctl', `${name}=${value}`)],
    undo: [command(...shell('[ ! -e "$2" ] || { sysctl "$1=$(sed "s/.*: //" "$2")" && rm "$2"; }', name, before))],
  };
}

const devfsStep: Step = {
  part: hostPart, title: `host: devices that jails see, ruleset ${devfsRuleset}`,
  test: [prints('tun*', 'devfs', 'rule', '-s', String(devfsRuleset), 'show')],
  make: [
    command('devfs', 'rule', '-s', String(devfsRuleset), 'delset'),
    ...devfsRules.map(({ rule }) => command('devfs', 'rule', '-s', String(devfsRuleset), 'add', ...rule)),
  ],
  undo: [command('devfs', 'rule', '-s', String(devfsRuleset), 'delset')],
};

function rulesStep(site: Site): Step {
  const { mark, table } = hostRuleFile(site);
  return {
    part: hostPart, title: 'host: what may pass between its containers and the Internet',
    test: [prints(mark, 'ipfw', 'table', table, 'list')],
    make: [clear('ipfw', '-q', 'delete', 'set', String(hostRules.set)), command('ipfw', '-q', `${siteHome(site)}/${ruleFileName}`)],
    undo: [
      clear('ipfw', '-q', 'delete', 'set', String(hostRules.set)),
      clear('ipfw', '-q', 'nat', String(hostRules.nat), 'delete'),
      ...Object.values(hostTables).map((name) => clear('ipfw', '-q', 'table', name, 'destroy')),
    ],
  };
}

const bridgeStep = (bridge: string, address: Address, { prefix }: Cidr, purpose: string): Step => ({
  part: hostPart, title: `host: ${bridge}, ${purpose}`,
  test: [prints(` ${group}`, 'ifconfig', bridge), prints(`inet ${address.text} `, 'ifconfig', bridge)],
  make: [
    destroyOurs(bridge, group),
    // This fails where somebody else has a bridge of that name.
    command('ifconfig', bridge, 'create', 'group', group),
    command('ifconfig', bridge, 'inet', `${address.text}/${prefix}`, 'up'),
  ],
  undo: [destroyOurs(bridge, group)],
});
