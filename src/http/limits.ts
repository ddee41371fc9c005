/** Bounds of connections, requests and responses. */
export const httpLimits = {
  /** Memory of all request bodies that are buffered completely; bodies of objects are streamed. */
  bodyBytesInFlightMax: 160 * 1024 * 1024,
  /** How much memory a body may reserve ahead of the bytes that have arrived. */
  bodyBytesAhead: 1024 * 1024,
  /** Bodies of at least this size are parsed one per turn of the event loop. */
  bodyBytesLarge: 256 * 1024,
  /** Memory of all responses that clients have not read yet. The fuller it is, the less is read for the next one. */
  responseBytesInFlightMax: 64 * 1024 * 1024,
  /** Memory of all responses above which all but small responses are refused. */
  responseBytesInFlightHardMax: 128 * 1024 * 1024,
  /** Size up to which a response is small. */
  responseBytesSmall: 128 * 1024,
  /** How long a client may stall while others need the memory of its response. */
  responseStallMs: 2000,
  /** Responses are written in pieces of this size, each when the client has read the one before. */
  responsePieceBytes: 1024 * 1024,
  /** Size of a request's headers. */
  headersBytesMax: 64 * 1024,
  /** Size of a chunk's size line, with its extensions. */
  chunkLineBytesMax: 4096,
  /** How long a client may take to send a request's headers. */
  headersTimeoutMs: 20_000,
  /** How long a client may take to send a request. */
  requestTimeoutMs: 5 * 60_000,
  /** How long an idle connection is kept open. */
  keepAliveTimeoutMs: 75_000,
  /** How much earlier than it closes a client is told to stop using an idle connection. */
  keepAliveMarginMs: 10_000,
  /** How long open requests may continue when the server stops. */
  shutdownGraceMs: 10_000,
  /**
   * How long a client may take to close its side of a connection that the server has closed, or to read the last of a
   * forwarded subscription whose server is gone.
   */
  lingerMs: 500,
  /**
   * How long an HTTP/2 client that has left its flow control window full may send nothing when the server stops and has
   * nothing else to answer.
   */
  http2UnreadMs: 1000,
  /** Flow control window of an HTTP/2 stream. */
  http2WindowBytes: 1024 * 1024,
  /** Concurrent streams of an HTTP/2 connection. */
  http2StreamsMax: 1000,
  /** How much of a refused upload is read and discarded, so that the client gets the response. */
  discardBytesMax: 64 * 1024 * 1024,
  /** How long the rest of a refused upload is read and discarded. */
  discardMs: 5000,
  /** How long a connection to a server to which requests are forwarded may take. */
  forwardConnectTimeoutMs: 2000,
  /** Requests in progress on such a connection; further ones open another. Below the bound of the other server. */
  forwardRequestsMax: 900,
  /** Bodies up to this size are kept while a request is forwarded, so that it can be sent again. */
  forwardKeptBytesMax: 1024 * 1024,
  /**
   * How long a server to which requests were forwarded may send nothing before it is asked for a sign of life, and how
   * long it may take to give one.
   */
  forwardSilenceMs: 5000,
  /** How long open requests may continue at a server to which no more are forwarded. */
  forwardLeaveMs: 1000,
  /** Flow control window of a connection to a server to which requests are forwarded. */
  forwardWindowBytes: 16 * 1024 * 1024,
  /** How long a client may read nothing of its response. */
  writeTimeoutMs: 60_000,
} as const;
