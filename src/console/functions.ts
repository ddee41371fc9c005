import type { HttpRequest } from '../http/message.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface FunctionRow {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** A batch that the function fails on again and again, so that its shard stands still. */
export interface Blockage {
  readonly shardId: string;
  readonly failures: number;
  readonly reason: string;
  readonly records: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface MappingRow {
  readonly uuid: string;
  readonly functionName: string;
  readonly sourceArn: string;
  /** Undefined for a mapping of a queue. */
  readonly stream: string | undefined;
  readonly state: string;
  readonly lastResult: string;
  readonly batchSize: number | undefined;
  readonly retries: number | undefined;
  readonly bisects: boolean;
  /** An ARN: where records go that are given up. */
  readonly failureDestination: string | undefined;
  readonly blockages: readonly Blockage[];
}

export interface FunctionsView {
  readonly functions: readonly FunctionRow[];
  readonly mappings: readonly MappingRow[];
  /** The caller may list neither. */
  readonly isDenied: boolean;
}

interface FunctionConfiguration {
  readonly FunctionName?: string;
  readonly Runtime?: string;
  readonly Handler?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
}

interface Mapping {
  readonly UUID?: string;
  readonly FunctionArn?: string;
  readonly EventSourceArn?: string;
  readonly State?: string;
  readonly LastProcessingResult?: string;
  readonly BatchSize?: number;
  readonly MaximumRetryAttempts?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

interface Progress {
  readonly Shards?: readonly {
    readonly Blockages?: readonly {
      readonly ShardId?: string;
      readonly Failures?: number;
      readonly Reason?: string;
      readonly Records?: number;
      readonly FromSequenceNumber?: string;
      readonly ToSequenceNumber?: string;
    }[];
  }[];
}

/** The functions and mappings that the caller may list, with the batches that fail now. */
export async function functionsView(
  { calls }: Views,
  caller: Caller,
  http: HttpRequest,
): Promise<FunctionsView> {
  const lambda = <Output>(name: string, input: object) =>
    answerTo<Output>(calls, caller, http, 'lambda', name, input);
  const listed = await lambda<{ Functions?: readonly FunctionConfiguration[] }>('ListFunctions', {
    MaxItems: consoleLimits.listRowsMax,
  });
  const mapped = await lambda<{ EventSourceMappings?: readonly Mapping[] }>('ListEventSourceMappings', {
    MaxItems: consoleLimits.problemsMax,
  });
  const mappings: MappingRow[] = [];
  for (const mapping of mapped?.EventSourceMappings ?? []) {
    const row = rowOf(mapping);
    const isOfStream = row.stream !== undefined;
    const progress = isOfStream
      ? await lambda<Progress>('GetEventSourceMappingProgress', { UUID: row.uuid })
      : undefined;
    mappings.push({ ...row, blockages: blockagesOf(progress) });
  }
  return {
    functions: (listed?.Functions ?? []).map(functionRow),
    mappings,
    isDenied: listed === undefined && mapped === undefined,
  };
}

function functionRow(one: FunctionConfiguration): FunctionRow {
  const { FunctionName = '', Runtime = '', Handler = '', Timeout = 0, MemorySize = 0 } = one;
  return {
    name: FunctionName,
    runtime: Runtime,
    handler: Handler,
    timeoutSeconds: Timeout,
    memoryMb: MemorySize,
  };
}

function rowOf(mapping: Mapping): Omit<MappingRow, 'blockages'> {
  const { UUID = '', FunctionArn = '', EventSourceArn = '', State = '', LastProcessingResult = '' } = mapping;
  return {
    uuid: UUID,
    functionName: FunctionArn.split(':function:')[1] ?? FunctionArn,
    sourceArn: EventSourceArn,
    stream: /:stream\/([^/]+)/.exec(EventSourceArn)?.[1],
    state: State,
    lastResult: LastProcessingResult,
    batchSize: mapping.BatchSize,
    retries: mapping.MaximumRetryAttempts,
    bisects: mapping.BisectBatchOnFunctionError === true,
    failureDestination: mapping.DestinationConfig?.OnFailure?.Destination,
  };
}

function blockagesOf(progress: Progress | undefined): Blockage[] {
  return (progress?.Shards ?? []).flatMap(({ Blockages: blockages = [] }) =>
    blockages.map(({ ShardId = '', Failures = 0, Reason = '', Records = 0, ...range }) => ({
      shardId: ShardId,
      failures: Failures,
      reason: Reason,
      records: Records,
      from: range.FromSequenceNumber,
      to: range.ToSequenceNumber,
    })),
  );
}
