/** Bounds of queues; most are AWS's. */
export const sqsLimits = {
  /** Maximum size of a request: a batch of 1 MiB, in JSON with escapes or as a form. */
  bodyBytesMax: 8 * 1024 * 1024,
  /** Queues of a server. */
  queuesMax: 100_000,
  /** Characters of a queue's name, as on AWS. */
  queueNameCharactersMax: 80,
  /** Size of a message with its attributes, and of all messages of a batch, as on AWS. */
  messageBytesMax: 1024 * 1024,
  /** Smallest value of MaximumMessageSize, as on AWS. */
  messageBytesMaxMin: 1024,
  /** Attributes of a message, as on AWS. */
  messageAttributesMax: 10,
  /** Characters of the name of a message attribute, as on AWS. */
  attributeNameCharactersMax: 256,
  /** Characters of a message's group and of its deduplication id, as on AWS. */
  groupIdCharactersMax: 128,
  /** Characters of ReceiveRequestAttemptId, as on AWS. */
  attemptIdCharactersMax: 128,
  /** Entries of a batch, as on AWS. */
  batchEntriesMax: 10,
  /** Messages of a ReceiveMessage, as on AWS. */
  receiveMessagesMax: 10,
  /** Messages in flight of a standard queue, as on AWS; with more, ReceiveMessage answers OverLimit. */
  inFlightMax: 120_000,
  /** Longest DelaySeconds, as on AWS. */
  delaySecondsMax: 900,
  /** Longest visibility timeout in seconds, as on AWS. */
  visibilitySecondsMax: 43_200,
  /** Longest WaitTimeSeconds, as on AWS. */
  waitSecondsMax: 20,
  /** Shortest MessageRetentionPeriod in seconds, as on AWS. */
  retentionSecondsMin: 60,
  /** Longest MessageRetentionPeriod in seconds, as on AWS. */
  retentionSecondsMax: 1_209_600,
  /** Largest maxReceiveCount of a redrive policy, as on AWS. */
  receiveCountMax: 1_000,
  /** Source queues that a redrive-allow policy names, as on AWS. */
  allowedSourcesMax: 10,
  /** Queues on a page of a list, as on AWS. */
  pageQueuesMax: 1_000,
  /** Time between two PurgeQueue of a queue, as on AWS. */
  purgeIntervalMs: 60_000,
  /** With `--limits aws`, how long the name of a deleted queue is taken, as on AWS. */
  deletedNameLifeMs: 60_000,
  /** With `--limits aws`, calls a second of an action of a FIFO queue without high throughput, as on AWS. */
  fifoCallsPerSecond: 300,
  /** Statements that AddPermission can make, as on AWS. */
  permissionsMax: 20,
  /** Actions of an AddPermission, as on AWS. */
  permissionActionsMax: 7,
  /** Messages that a move task moves in a second, as on AWS. */
  movesPerSecondMax: 500,
  /** Messages that a move task moves in one step. */
  movesPerStep: 100,
  /** Move tasks of a queue that are remembered, as on AWS. */
  moveTasksKept: 10,
  /** Delay before a step of a move task is tried again that failed in the server. */
  moveRetryMs: 1_000,
  /** Queue URLs whose paths are remembered. */
  rememberedUrlsMax: 1_000,
  /** Longest of them, in characters. */
  rememberedUrlCharactersMax: 256,
  /** Interval at which messages that are too old are removed. */
  sweepIntervalMs: 30_000,
} as const;
