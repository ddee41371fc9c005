/** Bounds of the audit log. */
export const auditLimits = {
  /** Characters of the request parameters of a record; what follows is left out. CloudTrail has 100 KB. */
  parametersCharactersMax: 32 * 1024,
  /** Characters of one value of the request parameters. */
  valueCharactersMax: 4 * 1024,
  /** Elements of one list or map of the request parameters. */
  elementsMax: 100,
  /** Characters of a user agent, a host or an error message. CloudTrail has 1 KB. */
  textCharactersMax: 1024,
  /** Changes that are remembered for the console, since the server started. */
  recentChangesMax: 500,
  /** Bytes at the end of the audit file in which changes from before the start are looked for. */
  earlierBytesMax: 2 * 1024 * 1024,
  /** Characters of the parameters of one of them. */
  recentParametersCharactersMax: 2 * 1024,
  /** Bytes of records that wait for the audit file. Further ones are lost, and counted. */
  filePendingBytesMax: 8 * 1024 * 1024,
  /** Records of one write to the audit file. */
  fileBatchRecordsMax: 1_000,
  /** Bytes of one write to the audit file. */
  fileBatchBytesMax: 1024 * 1024,
  /** Bytes of records that wait for the audit stream. Further ones are lost, and counted. */
  streamPendingBytesMax: 8 * 1024 * 1024,
  /** Records of one write to the audit stream. */
  streamBatchRecordsMax: 500,
  /** Bytes of one write to the audit stream. */
  streamBatchBytesMax: 1024 * 1024,
  /** Wait before a write to the audit file or the audit stream is repeated. */
  retryMs: 1000,
  /** How long a server that stops waits for records that could not be written yet. */
  closeMs: 3000,
  /**
   * Records of requests whose caller is not known (no signature, or one that does not hold), per second: such requests
   * could fill the log. Further ones are only counted.
   */
  unknownCallersPerSecond: 200,
} as const;
