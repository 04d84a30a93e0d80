/** Every bound of the server, with its unit and its reason. What a stranger can fill stands here. */
export const limits = {
  /** Bytes of log lines that wait for a slow reader; past that, lines are dropped and counted. */
  logBufferBytes: 1024 * 1024,
  /** Characters of one configuration file; larger is a wrong file (a log, a list), not a Corefile. */
  corefileCharacters: 1024 * 1024,
  /** Words of a configuration, imports included: snippets that import each other twice grow as 2^n. */
  corefileWords: 250_000,
  /** Imports inside imports; deeper is a mistake of the writer. */
  corefileImportDepth: 16,
  /** Braces inside braces; the language itself needs four. */
  corefileNesting: 16,
  /** Milliseconds that one timer can wait: Node.js fires a longer one at once. */
  timerMs: 2 ** 31 - 1,
} as const;
