/** Bounds of functions, their invocations and event source mappings. */
export const lambdaLimits = {
  /** Delay before a batch of an event source mapping is first retried. */
  mappingRetryInitialMs: 100,
  /** Maximum delay before a batch of an event source mapping is retried. */
  mappingRetryMsMax: 10_000,
  /** Size of a batch's event: Lambda's limit for a synchronous invocation. */
  mappingPayloadBytesMax: 6 * 1024 * 1024,
  /** Size of the state of a tumbling window, as on AWS; a larger one ends the window. */
  mappingWindowStateBytesMax: 1024 * 1024,
  /** A function that returns a larger state than this has failed: a final invocation could not be given it. */
  mappingWindowLastStateBytesMax: 3 * 1024 * 1024,
  /** How long after its end a tumbling window waits for records that arrived before its end. */
  mappingWindowGraceMs: 1_000,
  /** Messages that a mapping receives from a queue at once, and the largest batch without a window, as on AWS. */
  queueReceiveMessagesMax: 10,
  /** Batches of a queue's mapping in progress at the same time, if it has no MaximumConcurrency. */
  queueBatchesAtOnceMax: 10,
  /** How long a mapping waits for the first message of a batch before it asks the queue again. */
  queuePollWaitMs: 20_000,
  /** Pause of a mapping after its queue had no message for it. */
  queuePollPauseMs: 100,
  /** The shortest time for which a batch of messages waits for a process of its function. */
  queueInvokeWaitMsMin: 1_000,
  /** Filters of an event source mapping, as on AWS. */
  mappingFiltersMax: 5,
  /**
   * Attempts to deliver a report on discarded records or the record of an invocation to its destination, over four
   * minutes; then it is discarded and the log says so.
   */
  targetAttemptsMax: 30,
  /** Reports, and records of invocations, that are delivered at the same time. */
  targetEventsAtOnceMax: 8,
  /** Reports, and records of invocations, that wait for delivery. */
  targetEventsPendingMax: 10_000,
  /** Event source mappings of one page of a response, as on AWS. */
  mappingsListedMax: 100,
  /** Maximum size of a function's response, as on AWS. */
  invokeResponseBytesMax: 6 * 1024 * 1024 + 100,
  /** Maximum payload of a synchronous invocation, as on AWS. */
  invokePayloadBytesMax: 6 * 1024 * 1024,
  /** Maximum payload of an asynchronous invocation, as on AWS. */
  invokeAsyncPayloadBytesMax: 1024 * 1024,
  /**
   * How long a function may take to initialize. Lambda allows 10 s; a small machine that starts many processes at once
   * needs more.
   */
  functionInitMsMax: 30_000,
  /** Processes of a function that end before they take an invocation, one after another, until a pause follows. */
  functionCrashesUntilPause: 3,
  /** The pause before another one is started; it doubles with each. */
  functionCrashPauseMs: 1_000,
  /** Maximum pause before another one is started. */
  functionCrashPauseMsMax: 30_000,
  /** Maximum timeout of a function in seconds, as on AWS. */
  functionTimeoutSecondsMax: 900,
  /** Default timeout of a function in seconds, as on AWS. */
  functionTimeoutSecondsDefault: 3,
  /** Default memory of a function in MB, as on AWS. */
  functionMemoryMegabytesDefault: 128,
  /** Functions of a server. */
  functionsMax: 10_000,
  /** Bytes of all zips of functions, versions and layers together, as on AWS by default. */
  codeStorageBytesMax: 75 * 1024 ** 3,
  /** Concurrent executions of the account, as on AWS by default; reserved concurrency is taken from it. */
  accountConcurrency: 1_000,
  /** Concurrent executions that no function may reserve, as on AWS. */
  unreservedConcurrencyMin: 100,
  /** Published versions of all functions. */
  versionsMax: 100_000,
  /** Layers of a function, as on AWS. */
  functionLayersMax: 5,
  /** Versions of all layers. */
  layerVersionsMax: 10_000,
  /** Aliases of all functions. */
  aliasesMax: 100_000,
  /** Functions of one page of a response, as on AWS. */
  functionsPerPage: 50,
  /** Size of a function's policy, as on AWS. */
  functionPolicyBytesMax: 20 * 1024,
  /** Size of a function's environment variables, as on AWS. */
  functionEnvironmentBytesMax: 4096,
  /** Size of an uploaded zip file, as on AWS. */
  codeZipBytesMax: 50 * 1024 * 1024,
  /** Size of the contents of an uploaded zip file, as on AWS. */
  codeUnzippedBytesMax: 250 * 1024 * 1024,
  /** Files in an uploaded zip file. */
  codeFilesMax: 50_000,
  /** Maximum size of a CreateFunction request: the zip file in base64, and the rest. */
  requestBytesMax: 70 * 1024 * 1024,
  /** Function processes that run at the same time, unless a setting says otherwise. */
  functionProcessesMax: 64,
  /** Open files of a function process, as on AWS. */
  functionFilesMax: 1024,
  /** Processes and threads that a function process can start, as on AWS. */
  functionProcessesEachMax: 1024,
  /** Bytes that a function can store in /tmp, as on AWS. */
  functionFileBytesMax: 512 * 1024 * 1024,
  /** The first user ID that functions run as where the server is root: between the ranges that systemd uses. */
  functionUserIdFirst: 60_706,
  /** The number of user IDs that functions run as. */
  functionUserIds: 478,
  /** How often the memory of running functions is sampled. */
  functionMemoryCheckMs: 100,
  /** How often the memory of idle function processes is sampled. */
  functionMemoryIdleCheckMs: 2_000,
  /** How long the isolation test at startup may take. */
  isolationTrialMsMax: 20_000,
  /** Characters of the isolation test's output that are kept for its error message. */
  isolationTrialTextMax: 4_096,
  /** Memory of the isolation test's process. */
  isolationTrialBytesMax: 1024 * 1024 * 1024,
  /** How long an idle function process is kept. */
  functionIdleMs: 5 * 60_000,
  /** Invocations that wait for a process. */
  functionsWaitingMax: 1_000,
  /** How long running invocations may continue when the server stops. */
  functionsCloseGraceMs: 5_000,
  /** Turns of the event loop to wait for the output of a function after it has responded. */
  outputDrainTurnsMax: 1_000,
  /** Settings of asynchronous invocation of one page of a response, as on AWS. */
  eventInvokeConfigsPerPage: 50,
  /** Asynchronous events that wait or run. */
  asyncEventsPendingMax: 100_000,
  /** Asynchronous events that run at the same time. */
  asyncEventsAtOnceMax: 1_000,
  /** Age at which an asynchronous event is discarded, as on AWS. */
  asyncEventAgeMsMax: 6 * 3_600_000,
  /** Retries of an asynchronous event whose function failed, as on AWS. */
  asyncRetriesMax: 2,
  /** Delay before an asynchronous event is first retried after its function failed, as on AWS. */
  asyncRetryDelayMs: 60_000,
  /** Size of a log event; longer lines of output are split, as on AWS. */
  logEventBytesMax: 256 * 1024,
} as const;
