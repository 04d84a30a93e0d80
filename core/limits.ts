/** Every bound of the server, with its unit and its reason. What a stranger can fill stands here. */
export const limits = {
  /** Bytes of log lines that wait for a slow reader; past that, lines are dropped and counted. */
  logBufferBytes: 1024 * 1024,
  /** Octets of one line in a list; a longer one is skipped. Far more than a hosts line with all the names it may carry. */
  listLineBytes: 64 * 1024,
  /** Names in the lists of one `blocklist`: four times the largest that are published. About 36 octets each. */
  listNames: 20_000_000,
  /** Files in the lists of one `blocklist`. */
  listFiles: 10_000,
  /** Lines of each file that are shown when they are no names. */
  listSamples: 5,
  /** Octets of a list from a URL, after decompression. */
  listDownloadBytes: 512 * 1024 * 1024,
  /** Milliseconds for a whole download. */
  listDownloadMs: 120_000,
  /** Redirects that a download follows. */
  listRedirects: 5,
  /** Exceptions that may be made over HTTP. */
  listExceptions: 10_000,
} as const;
