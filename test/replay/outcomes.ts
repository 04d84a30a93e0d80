/** What happens in a scenario, as text. */
import { textOfName } from '../../core/name.js';
import { nameOfQuestion } from '../../core/query.js';
import { flag, uint16At } from '../../core/wire/layout.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { rcodeText, typeText } from '../../core/wire/types.js';
import { decodeAnswer, type Arrival } from '../../testing/index.js';

const indent = '    ';

/** `ADDRESS:PORT` without the port that DNS has anyway. */
export const showServer = (endpoint: string): string => endpoint.replace(/^\[(.*)\]:53$|^([^[]*):53$/, '$1$2');

const words = (...parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join(' ');

/** A query that has come to an upstream. */
export function showArrival({ server, from, query: { name, type, transport, edns, flags } }: Arrival): string {
  return words(
    '-->', showServer(server), name, type, transport === 'tcp' && '+tcp', edns === undefined && '+plain', edns?.dnssecOk === true && '+do',
    (flags & flag.cd) !== 0 && '+cd', (flags & flag.rd) === 0 && '+norec', from !== '' && `from ${from}`,
  );
}

/** An answer that has come to a client; `undefined` for silence. */
export function showAnswer(client: string, name: string, type: string, bytes: Buffer | undefined): string {
  const to = `<-- ${client} ${name} ${type}`;
  if (bytes === undefined) return `${to} silence`;
  const survey = surveyResponse(bytes)!;
  const asked = `${textOfName(nameOfQuestion(bytes, survey.questionEnd))} ${typeText(uint16At(bytes, survey.questionEnd - 4))}`;
  const { error } = decodeAnswer(bytes);
  const head = words(
    to, asked !== `${name.toLowerCase()} ${type}` && `(to the question ${asked})`, rcodeText(survey.rcode),
    (survey.flags & flag.tc) !== 0 && '+tc', (survey.flags & flag.aa) !== 0 && '+aa', (survey.flags & flag.ad) !== 0 && '+ad',
  );
  const records = textOfRecords(bytes, survey).map((text, i) => {
    const { section } = survey.records[i]!;
    return `${indent}${section === 'answer' ? '' : `${section} `}${text}`;
  });
  return [head, ...(error === undefined ? [] : [`${indent}error ${error.code} "${error.text}"`]), ...records].join('\n');
}

/** The end of a reload, good or bad. */
export const showReload = (errors: readonly string[]): string =>
  errors.length === 0 ? '=== reloaded' : ['=== refused', ...errors.map((line) => `${indent}${line}`)].join('\n');

/** The same happening several times in a row is told once: `times 3`, on its first line. */
export function showAll(happenings: readonly string[]): string[] {
  const runs: { text: string; times: number }[] = [];
  for (const text of happenings) {
    const last = runs.at(-1);
    if (last?.text === text) last.times++;
    else runs.push({ text, times: 1 });
  }
  return runs.flatMap(({ text, times }) => (times === 1 ? text : text.replace(/$/m, ` times ${times}`)).split('\n'));
}
