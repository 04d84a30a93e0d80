/** `bind` says where a block listens; the host opens the sockets. Each word keeps its place, for the message when nothing here bears that name. */
import type { Position } from '../../core/errors.js';
import { value, type Value } from '../../core/properties.js';

export const wordsAt = (inner: Value<string>): Value<{ readonly word: string; readonly at: Position }> =>
  value('ADDRESS|INTERFACE', (word, at) => ({ word: inner.read(word, at), at }));
