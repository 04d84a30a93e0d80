/** A VPN container: rules before wires, wires before sessions; and how the router reaches it. */
import { knownHosts, sshdConfig } from '../../files/freebsd/control.js';
import { serversName } from '../../files/freebsd/index.js';
import { anycastWire, clientTunnels, containerDirectory, jailOf, rootOf, tunnelOf } from '../../files/freebsd/names.js';
import { elsewhere } from '../../files/freebsd/networks.js';
import { killSwitch } from '../../files/freebsd/rules.js';
import { nat } from '../../files/freebsd/rules-vpn.js';
import { providerDirectory, sessionFiles } from '../../files/freebsd/session.js';
import type { Site, VpnContainer } from '../../site/site.js';
import type { Command, Step } from '../step.js';
import { command, inside, prints, shell } from './commands.js';
import { forwardingStep, greStep, jailSteps, localWireStep, wireStep } from './container.js';
import { serviceStep } from './daemon.js';
import { copyStep, mountStep } from './files.js';
import { routeSteps, via } from './routes.js';

export const vpnSteps = (site: Site, container: VpnContainer): readonly Step[] => [
  ...jailSteps(site, container, {
    mounts: [mountStep(container.name, rootOf(site, container), providerDirectory(container))],
    beforeRules: [killSwitchStep(site, container), tunnelStep(site, container), resolverStep(site, container), forwardingStep(site, container)],
  }),
  localWireStep(site, container),
  wireStep(site, container, anycastWire(site, container)),
  ...routeSteps(container.name, jailOf(site, container), [...elsewhere(site), ...site.prefixes].map(({ text }) => ({ to: text, by: via(site.gateway) }))),
  serversStep(site, container),
  ...clientTunnels(site, container).map((gre) => greStep(site, container, gre, 'the tunnel of a client')),
  ...controlSteps(site, container),
];

/** Before anything else in this network stack: nothing passes. Not even undone: it goes with the jail. */
function killSwitchStep(site: Site, container: VpnContainer): Step {
  const ipfw = (...words: readonly string[]): Command => inside(jailOf(site, container), command('ipfw', '-q', ...words));
  const number = String(killSwitch.number);
  return {
    part: container.name, title: `${container.name}: nothing passes, but for the rules to come`,
    test: [ipfw('list', number)],
    make: [ipfw('add', number, ...killSwitch.rule)],
    undo: [],
  };
}

/** tun(4) or wg(4): it is there before the session, for rules and translations speak of it. */
function tunnelStep(site: Site, container: VpnContainer): Step {
  const name = tunnelOf(container);
  const at = (...words: readonly string[]): Command => inside(jailOf(site, container), command('ifconfig', name, ...words));
  return { part: container.name, title: `${container.name}: ${name}, for the session`, test: [at()], make: [at('create')], undo: [at('destroy')] };
}

/** Without a session questions to its port 53 lead nowhere; the session says where. */
function resolverStep(site: Site, container: VpnContainer): Step {
  const at = (...words: readonly string[]): Command => inside(jailOf(site, container), command('ipfw', '-q', 'nat', String(nat.resolver), ...words));
  return {
    part: container.name, title: `${container.name}: the translation that leads to the provider's resolver`,
    test: [{ ...at('show', 'config'), prints: container.address.text }],
    make: [at('config', 'ip', container.address.text)],
    undo: [at('delete')],
  };
}

function serversStep(site: Site, container: VpnContainer): Step {
  const script = `${containerDirectory(site, container)}/${serversName}`;
  return {
    part: container.name, title: `${container.name}: the servers of its provider, by number`,
    test: [command('sh', script, 'test')],
    make: [command('sh', script)],
    undo: [],
    needs: ['getent', 'awk'],
  };
}

/** The key of the router's scripts, and an sshd that lets it run the session's script. */
function controlSteps(site: Site, container: VpnContainer): readonly Step[] {
  const [directory, router] = [containerDirectory(site, container), containerDirectory(site, site.ipsec)];
  const { name: part, address } = container;
  const [hostKey, clientKey] = [`${directory}/${sessionFiles.hostKey}`, `${sessionFiles.clientKey}.pub`];
  const config = { path: sessionFiles.sshdConfig, mode: 0o644, text: sshdConfig(site, container) };
  return [
    keyStep(part, hostKey, jailOf(site, container)),
    {
      part, title: `${part}: the router knows it by its key`,
      test: [prints(address.text, 'cat', knownHosts(site, container))],
      make: [command(...shell('printf "%s %s\\n" "$1" "$(cut -d " " -f 1,2 "$2")" >"$3"', address.text, `${hostKey}.pub`, knownHosts(site, container)))],
      undo: [command('rm', '-f', knownHosts(site, container))],
    },
    copyStep(part, `${router}/${clientKey}`, `${directory}/${clientKey}`, 0o644),
    serviceStep(site, container, 'sshd', 'by which the router starts and ends the session', 'one', [config]),
  ];
}

/** A pair of keys, made here and gone after `down`. */
export const keyStep = (part: string, path: string, comment: string): Step => ({
  part, title: `${part}: the key ${path}`,
  test: [command('test', '-s', `${path}.pub`)],
  make: [command('rm', '-f', path, `${path}.pub`), command('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path)],
  undo: [command('rm', '-f', path, `${path}.pub`)],
});
