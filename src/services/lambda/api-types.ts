/** Inputs and outputs of the operations that AWS does not have. */
export interface MappingNameInput {
  readonly UUID: string;
}

export interface RewindEventSourceMappingInput extends MappingNameInput {
  readonly StartingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' | 'AT_SEQUENCE_NUMBER';
  readonly StartingPositionTimestamp?: Date | undefined;
  readonly SequenceNumber?: string | undefined;
  /** All shards if absent. */
  readonly ShardId?: string | undefined;
}

export interface SkipEventSourceMappingBatchInput extends MappingNameInput {
  readonly ShardId?: string | undefined;
}

/** A batch, or the final invocation of a window, that fails again and again. */
export interface BlockageDescription {
  readonly ShardId: string;
  readonly Failures: number;
  readonly Reason: string;
  /** 0 for a final invocation. */
  readonly Records: number;
  readonly FromSequenceNumber?: string;
  readonly ToSequenceNumber?: string;
  readonly WindowStart?: string;
}

export interface SkipEventSourceMappingBatchOutput {
  readonly Skipped: BlockageDescription[];
}

export interface ShardProgressDescription {
  readonly ShardId: string;
  readonly Position: string;
  readonly MillisBehindLatest?: number;
  readonly Blockages: BlockageDescription[];
}

export interface EventSourceMappingProgress {
  readonly Shards: ShardProgressDescription[];
}
