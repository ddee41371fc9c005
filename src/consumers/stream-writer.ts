/** Stores records of the server itself in a stream. services/kinesis implements it. */
export interface StreamWriter {
  /**
   * Resolves when all records are durable. Rejects if the stream does not exist or cannot take all of them; some may be
   * stored then.
   */
  put(streamName: string, records: readonly RecordToStore[]): Promise<void>;
}

export interface RecordToStore {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}
