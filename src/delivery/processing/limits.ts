/** Bounds of processing. */
export const processingLimits = {
  /** Size of a record after decompression. */
  decompressedBytesMax: 32 * 1024 * 1024,
  /** Size of all decompressed records of a range. Ranges are limited earlier, by the sizes that records state. */
  decompressedRangeBytesMax: 256 * 1024 * 1024,
  /** How long records are processed per turn of the event loop. */
  atOnceMsMax: 10,
  /** Of the message with which a record is refused. */
  errorMessageCharactersMax: 1_000,
  /** Steps of a jq program for one record; a hundred thousand steps take a few milliseconds. */
  jqStepsMax: 100_000,
  /** Nested function calls of a jq program. */
  jqCallDepthMax: 200,
  /** Time of a jq program for one record. Only regular expressions can take longer than the limit of steps allows. */
  jqTimeMsMax: 1_000,
  /** Size of a transformation's request and of its response, as on AWS. */
  lambdaPayloadBytesMax: 6 * 1024 * 1024,
  /** Size of all records that a function returns for one range. Records beyond it are refused. */
  lambdaRangeBytesMax: 256 * 1024 * 1024,
  /** How long a transformation may take, as on AWS. */
  lambdaTimeMsMax: 5 * 60_000,
  /** Transformations of one batch that run at the same time. */
  lambdaInvocationsAtOnceMax: 5,
  /** Default retries of a transformation, as on AWS. */
  lambdaRetriesDefault: 3,
  /** Default size in MiB of the records of one transformation, as on AWS. */
  lambdaBufferMiBDefault: 1,
  /** Default interval of transformations that is shown, as on AWS. */
  lambdaBufferSecondsDefault: 60,
  /** Delay before a transformation is first retried. */
  lambdaRetryInitialMs: 200,
  /** Maximum delay before a transformation is retried. */
  lambdaRetryMaxMs: 30_000,
} as const;
