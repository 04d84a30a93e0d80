/** Scenario files: what is done, and what happens then. The language is told in README.md. */

/** A line of the file and the indented lines that belong to it. */
export interface Statement {
  /** Counted from 1. */
  readonly line: number;
  readonly words: readonly string[];
  readonly body: readonly { readonly line: number; readonly text: string }[];
}

/** Something that is done, and what happens because of it. */
export interface Step extends Statement {
  /** As it stands in the file, with the comments before it. */
  readonly source: readonly string[];
  /** What happens, as one line or several. */
  readonly outcomes: readonly string[];
}

export interface Scenario {
  readonly steps: readonly Step[];
  /** Comments behind the last step. */
  readonly rest: readonly string[];
}

/** What is wrong with a scenario, and where. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
  }
}

const isOutcome = (text: string): boolean => /^(?:-->|<--|===)(?:\s|$)/.test(text);

interface Draft {
  readonly line: number;
  readonly words: readonly string[];
  readonly body: { line: number; text: string }[];
  readonly source: string[];
  readonly outcomes: string[];
}

/** Reads a scenario. @param file for messages. Throws a ScenarioError */
export function parseScenario(file: string, text: string): Scenario {
  const steps: Draft[] = [];
  let rest: string[] = [];
  let inOutcome = false;
  for (const [i, raw] of text.replace(/\n$/, '').split('\n').entries()) {
    const line = i + 1;
    const step = steps.at(-1);
    if (/^\s*$/.test(raw) || raw.startsWith('#')) {
      rest.push(raw);
    } else if (/^\s/.test(raw)) {
      if (step === undefined || rest.some((between) => between !== '')) throw new ScenarioError(file, line, 'an indented line belongs to no step');
      // A blank line inside a Corefile is a part of it.
      if (inOutcome) step.outcomes.push(raw.trimEnd());
      else {
        step.source.push(...rest, raw);
        step.body.push({ line, text: raw });
        rest = [];
      }
    } else if (isOutcome(raw)) {
      if (step === undefined || rest.length > 0) throw new ScenarioError(file, line, 'what happens stands right behind the step because of which it happens');
      step.outcomes.push(raw.trimEnd());
      inOutcome = true;
    } else {
      steps.push({ line, words: raw.trim().split(/\s+/), body: [], source: [...rest, raw], outcomes: [] });
      rest = [];
      inOutcome = false;
    }
  }
  return { steps, rest };
}

/** Writes a scenario down, with these outcomes in place of its own. */
export const renderScenario = ({ steps, rest }: Scenario, outcomes: readonly (readonly string[])[]): string =>
  `${[...steps.flatMap(({ source }, i) => [...source, ...outcomes[i]!]), ...rest].join('\n')}\n`;
