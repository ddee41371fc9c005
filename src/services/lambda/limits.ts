/** Bounds of functions, their invocations and event source mappings. */
export const lambdaLimits = {
  mappingRetryInitialMs: 100,
  mappingRetryMsMax: 10_000,
  /** Lambda's limit for a synchronous invocation. */
  mappingPayloadBytesMax: 6 * 1024 * 1024,
  mappingFiltersMax: 5,
  /**
   * Attempts to deliver a report on discarded records, over four minutes; then the report is discarded and the log says
   * so.
   */
  mappingReportAttemptsMax: 30,
  mappingReportsAtOnceMax: 8,
  mappingReportsPendingMax: 10_000,
  mappingsListedMax: 100,
  /** Maximum response of a function; Lambda's own limit. */
  invokeResponseBytesMax: 6 * 1024 * 1024 + 100,
  invokePayloadBytesMax: 6 * 1024 * 1024,
  invokeAsyncPayloadBytesMax: 1024 * 1024,
  /** Lambda allows 10 s; a small machine that starts many processes at once needs more. */
  functionInitMsMax: 30_000,
  functionTimeoutSecondsMax: 900,
  functionTimeoutSecondsDefault: 3,
  functionMemoryMegabytesDefault: 128,
  functionsMax: 10_000,
  functionsPerPage: 50,
  functionEnvironmentBytesMax: 4096,
  /** Limits of the uploaded zip, of its content, and of the number of its files. */
  codeZipBytesMax: 50 * 1024 * 1024,
  codeUnzippedBytesMax: 250 * 1024 * 1024,
  codeFilesMax: 50_000,
  /** Request size of CreateFunction: the zip in base64, and the rest. */
  requestBytesMax: 70 * 1024 * 1024,
  functionProcessesMax: 64,
  /** Lambda's own limits: open files, processes and threads, and bytes in /tmp. */
  functionFilesMax: 1024,
  functionProcessesEachMax: 1024,
  functionFileBytesMax: 512 * 1024 * 1024,
  /** Users that functions run as where the server is root: between the ranges that systemd uses. */
  functionUserIdFirst: 60_706,
  functionUserIds: 478,
  /** How often the memory of functions is sampled: of running ones, and of waiting ones. */
  functionMemoryCheckMs: 100,
  functionMemoryIdleCheckMs: 2_000,
  /** Maximum duration of the isolation test at startup. */
  isolationTrialMsMax: 20_000,
  isolationTrialTextMax: 4_096,
  isolationTrialBytesMax: 1024 * 1024 * 1024,
  functionIdleMs: 5 * 60_000,
  functionsWaitingMax: 1_000,
  functionsCloseGraceMs: 5_000,
  /** Turns of the event loop to wait for the output of a function. */
  outputDrainTurnsMax: 1_000,
  asyncEventsPendingMax: 100_000,
  asyncEventsAtOnceMax: 1_000,
  asyncEventAgeMsMax: 6 * 3_600_000,
  asyncRetriesMax: 2,
  asyncRetryDelayMs: 60_000,
  logEventBytesMax: 256 * 1024,
} as const;
