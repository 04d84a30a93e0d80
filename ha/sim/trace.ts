/** The time line of a run, kept only when somebody is to read it. */
import type { Effect, Event } from '../machine/index.js';

const linesMax = 200;

export class Trace {
  readonly #lines: string[] = [];

  note(now: number, who: string, what: () => string): void {
    this.#lines.push(`${(now / 1000).toFixed(3).padStart(9)}  ${who.padEnd(6)} ${what()}`);
    if (this.#lines.length > 2 * linesMax) this.#lines.splice(0, linesMax);
  }

  /** Messages, ticks and checks only when something comes of them. */
  stepped(now: number, site: string, event: Event, effects: readonly Effect[]): void {
    if (event.type === 'command') this.note(now, site, () => `command ${Object.values(event.command).join(' ')}`);
    else if (event.type === 'leaseLost' || event.type === 'suspended') this.note(now, site, () => event.type);
    for (const effect of effects) {
      const text = textOf(effect);
      if (text !== undefined) this.note(now, site, () => text);
    }
  }

  lines(): readonly string[] {
    return this.#lines.slice(-linesMax);
  }
}

function textOf(effect: Effect): string | undefined {
  switch (effect.type) {
    case 'log':
      return effect.text;
    case 'work':
      return effect.do === 'check' ? undefined : `${effect.vpn}: #${effect.operation} ${effect.do}`;
    case 'abort':
      return `${effect.vpn}: #${effect.operation} is aborted`;
    case 'releaseLease':
      return `${effect.vpn}: releases lease ${effect.token}`;
    case 'exit':
      return 'exits';
    default:
      return undefined;
  }
}
