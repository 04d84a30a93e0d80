/** Every bound of the server, with its unit and its reason. What a stranger can fill stands here. */
export const limits = {
  /** Bytes of log lines that wait for a slow reader; past that, lines are dropped and counted. */
  logBufferBytes: 1024 * 1024,
  /** Compression pointers followed in one message. Real messages have about one a name; chains of pointers cost quadratic time. */
  compressionHopsPerMessage: 16_384,
  /** Octets of a UDP answer, and of what we ask upstreams to send: what no path fragments (DNS flag day 2020). */
  udpPayloadOctets: 1232,
  /** Octets of any message: the length prefix of TCP has 16 bits. */
  messageOctets: 65_535,
  /** Sets of label values of one metric; further ones are counted together, so that no name or address that slips into a label grows memory. */
  metricChildren: 1000,
  /** Bytes of a YAML file that `vpndns import` reads; a configuration is a few kilobytes, and the parser's tree is many times the text. */
  importBytes: 1024 * 1024,
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
