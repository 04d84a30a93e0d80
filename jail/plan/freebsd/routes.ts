/** Routes, on the host and in jails (route(8)). */
import type { Address } from '../../../core/address.js';
import type { Command, Step } from '../step.js';
import { clear, command, inside, prints } from './commands.js';

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

/** @param jail undefined for the host */
export const routeSteps = (part: string, jail: string | undefined, routes: readonly Route[]): readonly Step[] => routes.map(({ to, by }): Step => {
  const at = (wanted: Command): Command => (jail === undefined ? wanted : inside(jail, wanted));
  const remove = ['route', '-nq', 'delete', ...target(to)] as const;
  return {
    part, title: `${part}: ${to === 'default' ? 'everything else' : to} is reached ${by.title}`,
    test: [at(prints(by.shows, 'route', '-n', 'get', ...target(to)))],
    make: [at(clear(...remove)), at(command('route', '-nq', 'add', ...target(to), ...by.words))],
    undo: [at(command(...remove))],
  };
});
