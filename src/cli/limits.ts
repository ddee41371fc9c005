/** Bounds of the command line. */
export const cliLimits = {
  /**
   * How soon after a signal a second one counts as the same: npm forwards a Ctrl-C that the terminal has already sent.
   */
  sameSignalMs: 500,
  /** How long one of several addresses may take to answer before the next one is tried. */
  answerMs: 2000,
  /** How long a server may take to make and send a support archive, ... */
  supportMs: 90_000,
  /** ... and how large that may be, compressed and not. */
  supportBytesMax: 256 * 1024 * 1024,
  /** How long a command waits for another machine to serve. */
  promoteMs: 60_000,
  /** How often a command looks whether a change has taken effect. */
  statePollMs: 200,
  /** How often the files of a certificate are checked for changes. */
  certificateCheckMs: 5000,
  /** What is read of standard input where it is one request. */
  inputBytesMax: 16 * 1024 * 1024,
  /** How long the program of a profile that makes keys may run. */
  credentialProcessMs: 60_000,
  /** What such a program may print. */
  credentialBytesMax: 64 * 1024,
  /** How often a shard is read that had nothing new; AWS allows five reads a second. */
  tailPollMs: 250,
  /** The pause before a call is repeated that failed, ... */
  retryMsMin: 100,
  /** ... doubled each time up to this. */
  retryMsMax: 5000,
  /** How often a put is repeated that no server has answered, or whose records were throttled. */
  putAttemptsMax: 10,
  /** Records of one PutRecords. */
  putRecordsMax: 500,
  /** Data and keys of one PutRecords. */
  putBytesMax: 4 * 1024 * 1024,
  /** The longest line of an input. */
  lineBytesMax: 16 * 1024 * 1024,
  /** How long the completion of a word waits for names of the server. */
  completionMs: 1000,
  /** How long messages of a dead-letter queue are hidden from others while a command works on them. */
  deadLetterTakenSeconds: 300,
  /** How long a benchmark waits for the line of a record. */
  benchLineMsMax: 30_000,
  /** How often a command that moves data into a cluster or out of it says how far it is. */
  moveShownMs: 1000,
  /** Bytes of an object in a part of its upload; contents up to this size are one request. */
  objectPartBytes: 16 * 1024 * 1024,
  /** Bytes of an object that are sent at the same time, if that is more than one part. */
  objectSentBytesMax: 64 * 1024 * 1024,
  /** Parts of an upload, as on AWS. */
  objectPartsMax: 10_000,
  /** Bytes that are read of a file at once. */
  objectReadBytes: 1024 * 1024,
  /** How often a request of an upload or a download is made, after the SDK's own attempts, while nothing arrives. */
  transferAttemptsMax: 10,
  /** How long a connection to S3 may take, ... */
  s3ConnectMs: 5000,
  /** ... and how long S3 may send nothing. */
  s3AnswerMs: 60_000,
} as const;
