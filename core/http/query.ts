/** The parameters behind a question mark. */
import { ApiError } from '../plugin.js';
import type { HttpContext } from './application.js';

/**
 * Reads them by what the call declares. A misspelt parameter is told, not ignored: what it was to narrow would else be wider than meant.
 * @throws ApiError for one that is unknown or stands twice
 */
export function readQuery({ path, querystring }: HttpContext, declared: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const known = Object.keys(declared);
  const found = new URLSearchParams(querystring);
  const given = [...found.keys()];
  for (const key of given) {
    if (!known.includes(key)) throw new ApiError(400, `${path} has no parameter '${key}'${known.length === 0 ? '' : `; it has ${known.join(', ')}`}`);
  }
  if (new Set(given).size < given.length) throw new ApiError(400, 'a parameter stands twice');
  return Object.fromEntries(found);
}
