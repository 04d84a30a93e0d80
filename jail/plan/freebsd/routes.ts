/** Routes, on the host and in jails (route(8)). */
import type { Address } from '../../../core/address.js';
import { hostPart, type Command, type Step } from '../step.js';
import { clear, command, inside, prints, shell } from './commands.js';

export interface Route {
  /** A network, or `default`. */
  readonly to: string;
  readonly by: Next;
}

/** Where packets go next. */
export interface Next {
  readonly words: readonly string[];
  /** What `route get` tells of it. */
  readonly shows: string;
  readonly title: string;
}

export const via = ({ text }: Address): Next => ({ words: [text], shows: `gateway: ${text}`, title: `by way of ${text}` });

/** Whoever sends there is told that it can't be reached. */
export const nowhere: Next = { words: ['127.0.0.1', '-reject'], shows: 'REJECT', title: 'nowhere' };

const target = (to: string): readonly string[] => (to === 'default' ? ['default'] : [to.endsWith('/32') ? '-host' : '-net', to.replace(/\/32$/, '')]);

/** Routes of a jail, which are all ours. */
export const routeSteps = (part: string, jail: string, routes: readonly Route[]): readonly Step[] => routes.map(({ to, by }): Step => {
  const at = (wanted: Command): Command => inside(jail, wanted);
  const remove = ['route', '-nq', 'delete', ...target(to)] as const;
  return {
    part, title: `${part}: ${to === 'default' ? 'everything else' : to} is reached ${by.title}`,
    test: [at(prints(by.shows, 'route', '-n', 'get', ...target(to)))],
    make: [at(clear(...remove)), at(command('route', '-nq', 'add', ...target(to), ...by.words))],
    undo: [at(command(...remove))],
  };
});

/** `$1`: our gateway; then the target. */
const deleteOurs = 'gateway=$1; shift; if route -n get "$@" 2>/dev/null | grep -q "gateway: $gateway\$"; then route -nq delete "$@"; fi';

/**
 * A route of the host, to a network by way of a gateway. One that somebody else has put there is neither replaced nor removed.
 * @param unless for a network to which any route will do: in which case there is nothing to add
 */
export function hostRouteStep(to: string, { text: gateway }: Address, unless?: string): Step {
  const get = ['route', '-n', 'get', ...target(to)] as const;
  return {
    part: hostPart, title: `host: ${to} is reached by way of ${gateway}${unless === undefined ? '' : `, ${unless}`}`,
    test: [unless === undefined ? prints(`gateway: ${gateway}`, ...get) : prints(`destination: ${to.replace(/\/.*/, '')}`, ...get)],
    make: [command('route', '-nq', 'add', ...target(to), gateway)],
    undo: [command(...shell(deleteOurs, gateway, ...target(to)))],
  };
}
