/** Bounds of functions, their invocations and event source mappings. */
export const lambdaLimits = {
  mappingRetryInitialMs: 100,
  mappingRetryMsMax: 10_000,
  /** Lambda's limit of a synchronous invocation. */
  mappingPayloadBytesMax: 6 * 1024 * 1024,
  mappingFiltersMax: 5,
  /** Of the report on records given up, over four minutes; then the log says that it is given up, too. */
  mappingReportAttemptsMax: 30,
  mappingReportsAtOnceMax: 8,
  mappingReportsPendingMax: 10_000,
  mappingsListedMax: 100,
  /** The answer of a function; Lambda's own bound. */
  invokeResponseBytesMax: 6 * 1024 * 1024 + 100,
  invokePayloadBytesMax: 6 * 1024 * 1024,
  invokeAsyncPayloadBytesMax: 1024 * 1024,
  /** Lambda gives 10 s; a small machine that starts many processes at once needs more. */
  functionInitMsMax: 30_000,
  functionTimeoutSecondsMax: 900,
  functionTimeoutSecondsDefault: 3,
  functionMemoryMegabytesDefault: 128,
  functionsMax: 10_000,
  functionsPerPage: 50,
  functionEnvironmentBytesMax: 4096,
  /** The zip as it is uploaded, what is in it, and how many files. */
  codeZipBytesMax: 50 * 1024 * 1024,
  codeUnzippedBytesMax: 250 * 1024 * 1024,
  codeFilesMax: 50_000,
  /** Of CreateFunction: the zip in base64, and the rest. */
  requestBytesMax: 70 * 1024 * 1024,
  functionProcessesMax: 64,
  /** Lambda's own: what a function may have open, how many processes and threads, and how much in /tmp. */
  functionFilesMax: 1024,
  functionProcessesEachMax: 1024,
  functionFileBytesMax: 512 * 1024 * 1024,
  /** Users that functions run as where the server is root: between those that systemd knows. */
  functionUserIdFirst: 60_706,
  functionUserIds: 478,
  /** How often the memory of functions is looked at: of those that run, and of those that wait. */
  functionMemoryCheckMs: 100,
  functionMemoryIdleCheckMs: 2_000,
  /** A trial of an isolation at the start. */
  isolationTrialMsMax: 20_000,
  isolationTrialTextMax: 4_096,
  isolationTrialBytesMax: 1024 * 1024 * 1024,
  functionIdleMs: 5 * 60_000,
  functionsWaitingMax: 1_000,
  functionsCloseGraceMs: 5_000,
  /** How many turns of the event loop are spent on waiting for what a function has printed. */
  outputDrainTurnsMax: 1_000,
  asyncEventsPendingMax: 100_000,
  asyncEventsAtOnceMax: 1_000,
  asyncEventAgeMsMax: 6 * 3_600_000,
  asyncRetriesMax: 2,
  asyncRetryDelayMs: 60_000,
  logEventBytesMax: 256 * 1024,
} as const;
