/** Routes, and the rules by which packets come to tables of them. */
import type { Address } from '../../../core/address.js';
import type { Client, Container, Site } from '../../site/site.js';
import type { Command, Step } from '../step.js';
import { command, ip, prints, shell } from './commands.js';
import { namespaceOf, routeProtocol } from './names.js';

/** Where packets go: a network by way of a gateway, or nowhere. */
export interface Route {
  readonly to: string;
  /** `via 192.168.1.1`, `dev bridge1` … */
  readonly by: readonly [string, ...string[]];
  readonly table?: number;
  readonly metric?: number;
  /** For a network of which nothing may be sent. */
  readonly type?: 'unreachable';
}

const wordsOf = ({ to, type, by, metric, table }: Route): string[] => [
  ...(type === undefined ? [] : [type]), to, ...(type === undefined ? by : []),
  ...(metric === undefined ? [] : ['metric', String(metric)]), ...(table === undefined ? [] : ['table', String(table)]),
];

const showRoute = (namespace: string | undefined, { to, by, type, table, metric }: Route): Command =>
  prints(`${type ?? by.join(' ')} `, ...ip(namespace, 'route', 'show', 'table', String(table ?? 'main'), 'exact', to, 'proto', routeProtocol,
    ...(metric === undefined ? [] : ['metric', String(metric)]), ...(type === undefined ? [] : ['type', type])));

/** @param namespace a container's; without one, the host's */
export const routesStep = (part: string, title: string, namespace: string | undefined, routes: readonly Route[]): Step => ({
  part, title: `${part}: ${title}`,
  test: routes.map((route) => showRoute(namespace, route)),
  make: routes.map((route) => command(...ip(namespace, 'route', 'replace', ...wordsOf(route), 'proto', routeProtocol))),
  undo: routes.toReversed().map((route) => command(...ip(namespace, 'route', 'delete', ...wordsOf(route), 'proto', routeProtocol))),
});

export const via = (gateway: Address): Route['by'] => ['via', gateway.text];

/** Whatever has no other way goes by the host. */
export const defaultRouteStep = (site: Site, container: Container): Step =>
  routesStep(container.name, 'the way to everything else', namespaceOf(site, container), [{ to: 'default', by: via(site.gateway) }]);

/** What a rule is about: `from 192.168.7.0/24`. */
type Selector = readonly string[];

export const fromOf = ({ prefixes }: Client): readonly Selector[] => prefixes.map(({ text }) => ['from', text]);

/** Rules by which packets come to a table of routes of its own. Its number is their priority, too: before that of the main table. */
export function ruleStep(part: string, title: string, namespace: string | undefined, table: number, selectors: readonly Selector[]): Step {
  const priority = String(table);
  const remove = shell('while "$@" 2>/dev/null; do :; done', ...ip(namespace, 'rule', 'delete', 'priority', priority));
  return {
    part, title: `${part}: ${title}`,
    test: selectors.map((selector) => prints(`lookup ${table}`, ...ip(namespace, 'rule', 'show', 'priority', priority, ...selector))),
    make: [
      command(...remove),
      ...selectors.map((selector) =>
        command(...ip(namespace, 'rule', 'add', 'priority', priority, ...selector, 'lookup', priority, 'protocol', routeProtocol))),
    ],
    undo: [command(...remove)],
  };
}
