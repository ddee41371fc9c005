/** Bounds of the shared log on Kafka. */
export const kafkaLimits = {
  /** Size of a record that the topic must accept: a frame with its largest request. */
  recordBytesMax: 64 * 1024 * 1024,
  /** Size of a response: one record batch of the largest size, or many small ones. */
  responseBytesMax: 68 * 1024 * 1024,
  /** Bytes that are read from a connection at once. */
  readBytes: 128 * 1024,
  /** Elements of one list in a response. */
  elementsMax: 10_000,
  /** Bytes that a fetch asks for. A single larger batch is sent whole. */
  fetchBytes: 8 * 1024 * 1024,
  /** Frames of a fetch that are decoded in one step. */
  framesDecodedMax: 1024,
  /** How long the broker holds a fetch while there is nothing new. */
  fetchWaitMs: 500,
  /** How long a connection may take to open, with TLS and SASL. */
  connectMs: 10_000,
  /** How long a broker has for an answer; then the connection is given up and the request repeated on another one. */
  answerMs: 15_000,
  /** How long a broker has to describe the cluster; then the next one is asked. */
  metadataMs: 2000,
  /** After this time without an answer of the leader, another broker is asked whether it still leads. */
  leaderCheckMs: 2000,
  /** How long a leader may wait for its followers before it answers a produce. */
  produceMs: 10_000,
  /** How long the controller may take to create a topic. */
  createTopicMs: 30_000,
  /** Pause after the first failure; it doubles with each further one. */
  retryMsMin: 20,
  /** Longest pause between two attempts. */
  retryMsMax: 1000,
  /** How long opening the log tries to reach the cluster before it reports that it cannot. */
  openMs: 30_000,
  /** Appends that wait for the one that is under way. */
  appendsWaitingMax: 1000,
  /** Frames before a position that are read to learn the term there. Each replaced owner leaves one void frame at most. */
  lookBackFramesMax: 16,
  /** Times that taking over is tried with a producer id of its own after the broker refused the present one. */
  takeOverAttemptsMax: 3,
  /** Times that taking over asks where the log ends before it believes that it ends too early. */
  completeAttemptsMax: 5,
  /** Brokers that are kept from the metadata of a cluster. */
  brokersMax: 1000,
  /** Iterations of SCRAM that a broker may ask for: each costs processor time. */
  scramIterationsMax: 1_000_000,
} as const;
