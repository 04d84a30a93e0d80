/** Words of a command or an address with placeholders for what is known of a VPN. */
import { dirname, resolve } from 'node:path';
import { quote } from '../core/corefile/wording.js';
import { value, type Value } from '../core/properties.js';
import type { Target } from './hooks.js';

const placeholders: ReadonlyMap<string, (target: Target) => string | number> = new Map<string, (target: Target) => string | number>([
  ['{vpn}', ({ vpn }) => vpn.id],
  ['{number}', ({ vpn }) => vpn.number],
  ['{local}', ({ vpn }) => vpn.local.text],
  ['{anycast}', ({ vpn }) => vpn.anycast.text],
  ['{gateway}', ({ settings }) => settings.site.gateway.text],
  ['{site}', ({ settings }) => settings.site.id],
  ['{dir}', ({ settings }) => settings.vpnDirectory],
  ['{timeout}', ({ settings }) => settings.checkTimeoutSeconds],
  ['{token}', ({ token }) => token],
]);

/** A word, filled in for a piece of work. */
export interface Template {
  /** As written. */
  readonly source: string;
  (target: Target): string;
}

/** @throws RangeError that names the first placeholder that does not exist */
export function compileTemplate(source: string): Template {
  // split keeps what it splits at, in every second place.
  const parts = source.split(/(\{[a-z]+\})/).map((text, i) => {
    if (i % 2 === 0) return text;
    const fill = placeholders.get(text);
    if (fill === undefined) throw new RangeError(`there is no placeholder ${quote(text)}; there are ${[...placeholders.keys()].join(' ')}`);
    return fill;
  });
  return Object.assign((target: Target) => parts.map((part) => (typeof part === 'string' ? part : part(target))).join(''), { source });
}

/** A word that may hold placeholders. */
export const template = (name: string): Value<Template> => value(name, compileTemplate);

/** The first word of a command. A path that is relative counts from the file in which it is written; a name is looked for in PATH. */
export const program = (): Value<Template> =>
  value('COMMAND', (word, at) => compileTemplate(word.includes('/') ? resolve(dirname(at.file), word) : word));
