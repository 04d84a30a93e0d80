/** Every bound of the server, with its unit and its reason. What a stranger can fill stands here. */
export const limits = {
  /** Bytes of log lines that wait for a slow reader; past that, lines are dropped and counted. */
  logBufferBytes: 1024 * 1024,
  /** Milliseconds between two lines on one thing that strangers can make happen as often as they like. */
  remarkMs: 60_000,
  /** Lines of the log in a second; past that, lines are dropped and counted. A query log of a busy server is below it, a flood of complaints is not. */
  logLinesPerSecond: 10_000,
  /** Milliseconds that the end of the process waits for the last lines to be read. */
  logCloseMs: 1_000,
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
  /** Characters of the remark on an exception. */
  listExceptionReason: 200,
  /** Milliseconds between two looks at the age of the lists from URLs. */
  listCheckMs: 60_000,
  /** Milliseconds before a list that could not be fetched is tried again. */
  listRetryMs: 600_000,

  /** Compression pointers followed in one message. Real messages have about one a name; chains of pointers cost quadratic time. */
  compressionHopsPerMessage: 16_384,
  /** Octets of a UDP answer, and of what we ask upstreams to send: what no path fragments (DNS flag day 2020). */
  udpPayloadOctets: 1232,
  /** Octets of any message: the length prefix of TCP has 16 bits. */
  messageOctets: 65_535,

  /** Servers in one upstream group; as in CoreDNS. More would only make a dead group slower to give up. */
  upstreamServers: 15,
  /** Milliseconds from a query's arrival at an upstream group to its answer or SERVFAIL, whatever happens: what stub resolvers wait. */
  upstreamExchangeMs: 5000,
  /** Times that one query is sent to one server over one transport (RFC 9520 section 3.1). */
  upstreamSends: 3,
  /** Milliseconds between looks at deadlines: one timer serves all queries of a group, which may wait that much longer. */
  upstreamTickMs: 50,
  /** Questions in flight in one group; the default of `max_concurrent`. A busy group has its rate times its latency: 10,000/s × 50 ms = 500. */
  upstreamInFlight: 4096,
  /** Clients' queries that wait for one question, so that one name can't use up `queriesInFlight`. */
  upstreamWaitersPerQuestion: 1000,
  /** UDP sockets to one server that take new queries. With random ids this makes 2^22 combinations even for who knows every port. */
  upstreamSockets: 64,
  /**
   * UDP sockets opened per second to one server. Opening one costs as much CPU as several queries. Up to this rate every query has a port
   * of its own; beyond it the pool is renewed three times a second.
   */
  upstreamSocketsPerSecond: 200,
  /** Sockets to all upstreams of the host, UDP and TCP; beyond that, each server's queries share those that it has. */
  upstreamSocketsInHost: 4096,
  /** The same for a server that has none: then its queries fail. Well below what a process may have open. */
  upstreamSocketsInReserve: 8192,
  /** Queries from one UDP socket; then its port is given up. */
  upstreamQueriesPerSocket: 256,
  /** Milliseconds that an idle UDP socket stays open for more queries. */
  upstreamSocketIdleMs: 10_000,
  /** Milliseconds that a socket with an unanswered query is kept out of use, so that no new one gets its port while the answer may still come. */
  upstreamQuarantineMs: 5000,
  /** Sockets to one server in such a quarantine. */
  upstreamQuarantined: 256,
  /** Answers with a wrong id or question on one socket, after which its queries are asked over TCP: somebody may be guessing. */
  upstreamForeignAnswers: 3,
  /** TCP connections to one server (RFC 7766 section 6.2.2 asks for few). */
  upstreamConnections: 4,
  /** Queries in flight on one connection before another connection is opened. */
  upstreamPipelined: 16,
  /** Queries in flight on one connection at most. */
  upstreamPipelinedMost: 512,
  /** Queries over one connection; then it is given up. */
  upstreamQueriesPerConnection: 4096,
  /** Milliseconds that a health check waits for its answer. */
  upstreamHealthCheckMs: 1000,
  /** Milliseconds for which a server is still checked after the last query to its group; whom nobody asks needs no checks. */
  upstreamHealthIdleMs: 30_000,
  /** Milliseconds for which a server that refused EDNS is asked without. */
  upstreamPlainMs: 900_000,
  /** Latencies kept per server for its percentiles. */
  upstreamLatencies: 256,
  /** Clients for whom a source policy remembers what its rules say, and keeps the upstream group that `identity` makes for each. */
  policyClients: 4096,

  /** Milliseconds before a route that led back here is tried again. */
  loopRetryMs: 30_000,

  /** Sets of label values of one metric; further ones are counted together, so that no name or address that slips into a label grows memory. */
  metricChildren: 1000,
  /** Bytes of a YAML file; a configuration is a few kilobytes, and the parser's tree is many times the text. */
  yamlBytes: 1024 * 1024,
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

  /** Bytes that an entry of a cache may take on average; what is larger takes the place of others. Successes and denials have shares of their own. */
  cacheBytesPerEntry: 2048,

  /** Bytes of memory that a cache takes at a time, when it grows: a power of two, and several times the largest answer. */
  cacheSegmentBytes: 256 * 1024,
  /** Entries of a cache that are passed over, to make room, because somebody has asked for them: a bound on what one new answer costs. */
  cacheEntriesPassed: 256,
  /** Replies that a cache keeps ready to leave, for the entries asked for last, and bytes of each: about 4 MB of small answers, 30 MB of the largest. */
  cacheReadyReplies: 8192,
  cacheReadyOctets: 1232,

  /** Clients' addresses remembered in parsed form, for each listener. A miss costs a microsecond, no more. */
  parsedClients: 4096,
  /** Receive buffer asked of the system for each UDP listener, in bytes: room for a burst while the event loop is busy. */
  udpReceiveBufferBytes: 4 * 1024 * 1024,

  /** Milliseconds between two looks at the addresses of this host; one that appears is served from then on. */
  interfaceWatchMs: 10_000,

  /** TCP connections of clients, on all listeners (RFC 7766 section 6.2.2 asks for a bound); for a further one the one goes that has rested longest. */
  tcpConnections: 1024,
  /** TCP connections of one client address, so that one can't take all. */
  tcpConnectionsPerClient: 64,
  /** Queries of one connection that wait for an answer; past that, it is not read until some have left. */
  tcpPipelined: 128,
  /** Milliseconds without a query after which a connection is closed (RFC 7766 section 6.2.3). */
  tcpIdleMs: 10_000,
  /** Milliseconds in which a message that has begun must be complete: a client that trickles octets holds nothing for long. */
  tcpMessageMs: 5_000,
  /** Queries over one connection; then it ends, when they are answered. Setting up one for so many costs nothing (RFC 7766 section 6.2.3 lets us). */
  tcpQueriesPerConnection: 10_000,
  /** Milliseconds after which a connection ends, when its queries are answered: nobody owns a place for good. */
  tcpConnectionMs: 600_000,
  /** Octets of answers that a client may leave unread before its connection is closed. */
  tcpUnreadOctets: 1024 * 1024,

  /** Queries that wait for an upstream, in the whole process; past that, SERVFAIL for an old one or for the new (overload must not queue without end). */
  queriesInFlight: 10_000,
  /** Milliseconds after which a query that waits makes room for a new one, when all places are taken: what has not been answered by then rarely is. */
  shedAfterMs: 2_000,
  /** Queries of one client that wait for an upstream; past that, SERVFAIL at once. A downstream server for a whole site is one client. */
  queriesInFlightPerClient: 1_000,
  /**
   * Milliseconds after which an answer over UDP is old. Whoever collects slow queries in somebody's name gets them answered in one burst
   * (DNSBomb, CVE-2024-33655); a client that waits for long asks again. Longer than the default `read_timeout`, so that the answer of the second
   * server is not old when the first one was silent.
   */
  oldAnswerMs: 2_500,
  /** Old answers that may leave for one client over UDP at one time: as many of its queries still wait. */
  oldAnswersPerClient: 64,
  /** Messages a second that are no acceptable query and still answered over UDP; others are dropped, so that nothing is reflected at any rate. */
  refusalsPerSecond: 1_000,
  /** Milliseconds after which a query that no plugin has answered gets SERVFAIL; longer than any upstream's own bound. */
  resolveMs: 10_000,
  /** Milliseconds that a stop or a reload waits for queries in flight. */
  drainMs: 5_000,

  /** Connections of one HTTP listener; a further one is closed at once. Its clients are tools and monitors, not the public. */
  httpConnections: 256,
  /** Bytes of a request's line and headers. */
  httpHeaderBytes: 16 * 1024,
  /** Bytes of a request's body: every call fits in its path and parameters, and a small JSON object in this. */
  httpBodyBytes: 64 * 1024,
  /** Milliseconds in which the headers of a request, a TLS handshake included, must have come. */
  httpHeadersMs: 10_000,
  /** Milliseconds in which a whole request must have come. */
  httpRequestMs: 15_000,
  /** Milliseconds between two looks for requests that are too slow. */
  httpCheckMs: 1_000,
  /** Milliseconds that a connection may rest between two requests. */
  httpKeepAliveMs: 10_000,
  /** Milliseconds without an octet in either direction after which a connection is closed, even while a call runs; a reload of huge lists takes less. */
  httpIdleMs: 120_000,
  /** Milliseconds that the end of a listener waits for calls under way. */
  httpCloseMs: 5_000,

  /** The last queries that `GET /queries` tells of; some 200 bytes each. */
  queriesKept: 1000,
  /** Clients that read queries live at one time. */
  queryStreams: 8,
  /** Bytes that wait for one of them; past that, it misses queries and is told how many. */
  queryStreamBytes: 64 * 1024,
  /** Milliseconds between two signs of life on a live stream; less than `httpIdleMs`. */
  queryStreamBeatMs: 15_000,

  /** Milliseconds in which a worker must have set up and started a configuration; static records and long filters are the slow part. */
  workerStartMs: 60_000,
  /** Milliseconds in which a worker must answer what the admin API and the metrics ask; it is busy with queries, not with us. */
  workerAnswerMs: 5_000,
  /** Milliseconds in which a worker must have stopped, `drainMs` included; then it is ended. */
  workerStopMs: 8_000,
  /** Milliseconds before a worker that died is replaced; twice as many each time that it dies again, up to the second figure. */
  workerRestartMs: 100,
  /** See above. One that has lived longer than this begins again with the first figure. */
  workerRestartMostMs: 60_000,
  /** Log lines, or queries for who follows them live, that wait in a worker; past that, they are only counted. */
  workerTold: 10_000,

  /** Sites in a message between HA daemons. */
  haSites: 64,
  /** VPNs of one site in a message between HA daemons. */
  haVpns: 256,
  /** Characters of the name of a site or VPN in a message between HA daemons. */
  haName: 64,
  /** Milliseconds by which the clocks of two HA daemons may differ, the way of a message included; for so long a message might be repeated. */
  haClockSkewMs: 30_000,
  /** Signed messages remembered per peer against repetition; far more than a peer sends in twice the time above. */
  haMessagesRemembered: 4096,
  /** Milliseconds between two log lines on refused messages of one kind. */
  haRefusalLogMs: 60_000,
  /** Characters of a peers' secret; the strength of HMAC-SHA256 needs about as many random ones. */
  haSecretLength: 16,
  /** What happened at a site, as far back as `dynvpn events` can tell; some 150 bytes each. */
  haEvents: 1000,
  /** Milliseconds between two looks at the clocks of a site, and so the longest that it does nothing. */
  haBeatMs: 1_000,
  /** Milliseconds by which the wall clock may run ahead of the monotonic one between two looks before the host counts as suspended. */
  haClockJumpMs: 2_000,
  /** Milliseconds that a stop waits for work on VPNs; then it is killed. Less than the 90 s that systemd waits for us. */
  haDrainMs: 10_000,
  /** Milliseconds from a SIGTERM to a command's process group to the SIGKILL. Less than what the machine grants beyond a deadline. */
  commandGraceMs: 500,
  /** Bytes kept of what a command prints; what is beyond is read and dropped. */
  commandOutputBytes: 8 * 1024,
  /** Bytes of the file that takes what a session prints. Past that it begins anew. */
  sessionOutputBytes: 1024 * 1024,
  /** Milliseconds for one command of a plan: the longest waits for a daemon to be ready, or for one to end. */
  jailCommandMs: 60_000,
} as const;
