/** Bounds of what the server tells about itself to monitoring systems. */
export const telemetryLimits = {
  /** Streams, functions, ... of one metric in an answer of /metrics; how many are left out is a metric too. */
  labelSetsMax: 10_000,
  /** Answers of /metrics at the same time; more are refused with 503. */
  scrapesMax: 4,
  /** Metrics are written for this long at a time, ... */
  turnMsMax: 0.25,
  /** ... and after that nothing is written for this long: a put has several turns of the event loop. */
  pauseMs: 2,
  /** Size from which written lines are sent. */
  chunkBytes: 32 * 1024,
  /** Size of the metrics or spans of a request to an OpenTelemetry collector, from which on it is sent. */
  otlpRequestBytes: 512 * 1024,
  /** Bytes of a collector's answer that are read. */
  otlpAnswerBytesMax: 64 * 1024,
  /** Connections to a collector. */
  otlpConnectionsMax: 2,
  /** Pause before a request to a collector is repeated; doubled with each attempt, unless the collector names another. */
  otlpRetryInitialMs: 1000,
  /** The longest of these pauses. */
  otlpRetryMaxMs: 5000,
  /** How long a server that stops waits for its last metrics and spans to be exported. */
  otlpFlushMs: 3000,
  /** Characters of a value in a span that a request has set. */
  spanValueCharactersMax: 256,
  /** Records whose put is recorded and that are remembered, for links from what processes them. */
  rememberedPutsMax: 10_000,
  /** Links of a span to the puts of what it processes. */
  spanLinksMax: 32,
} as const;
