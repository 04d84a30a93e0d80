/** The words of mistakes: quoting what was read, and "did you mean …?". */

const maxQuoted = 80;

/** A word in quotes: on one line, of a bearable length, and harmless to a terminal. */
export function quote(word: string): string {
  const shown = word.length > maxQuoted ? `${word.slice(0, maxQuoted)}…` : word;
  return `'${shown.replace(/[\0-\x1f\x7f-\x9f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;
}

/** The edits (insert, delete, replace, swap neighbours) that make one word of the other: the optimal string alignment distance. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current[j] = Math.min(current[j - 1]! + 1, last[j]! + 1, replace);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) current[j] = Math.min(current[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}

/** The known word that a misspelt one most likely stands for: at most a third of its letters differ, or one of a few. */
export function closest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3) + 1));
  for (const candidate of known) {
    // The difference in length is a lower bound, so that a word of a million letters costs nothing.
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `; did you mean 'cache'?`, or nothing. */
export function suggestion(word: string, known: Iterable<string>): string {
  const best = closest(word, known);
  return best === undefined ? '' : `; did you mean '${best}'?`;
}

/** What an unknown word may have meant: the closest known one, or else all of them. */
export function hint(word: string, known: readonly string[]): string {
  const meant = suggestion(word, known);
  if (meant !== '') return meant;
  return known.length === 0 ? '' : `; known: ${[...known].sort().join(', ')}`;
}
