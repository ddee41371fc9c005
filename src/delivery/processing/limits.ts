/** Bounds of processing. */
export const processingLimits = {
  /** Of one decompressed record. */
  decompressedBytesMax: 32 * 1024 * 1024,
  /** Of all decompressed records of a range. Ranges are limited before, by the sizes that records state. */
  decompressedRangeBytesMax: 256 * 1024 * 1024,
  /** How long records are processed per turn of the event loop. */
  atOnceMsMax: 10,
  /** What a jq program may use for one record; a hundred thousand steps take a few milliseconds. */
  jqStepsMax: 100_000,
  jqCallDepthMax: 200,
  /** Only regular expressions can take longer than their steps; a record that does is refused. */
  jqTimeMsMax: 1_000,
  /** AWS's own bounds of an invocation: of the request and of the reply, and its time. */
  lambdaPayloadBytesMax: 6 * 1024 * 1024,
  lambdaTimeMsMax: 5 * 60_000,
  lambdaInvocationsAtOnceMax: 5,
  lambdaRetriesDefault: 3,
  lambdaBufferMiBDefault: 1,
  lambdaRetryInitialMs: 200,
  lambdaRetryMaxMs: 30_000,
} as const;
