import type { AnsweredRequest } from '../../protocol/observer.ts';
import { EncodedOutput } from '../../protocol/service.ts';
import { telemetryLimits } from '../limits.ts';
import type { TraceContext } from '../../support/trace-context.ts';

const PUTS = new Set(['PutRecord', 'PutRecords', 'PutRecordBatch']);

interface StoredRecord {
  readonly ShardId?: string;
  readonly SequenceNumber?: string;
}

/** What the outputs of the puts have, of Kinesis and of Firehose. */
interface PutOutput extends StoredRecord {
  readonly Records?: readonly StoredRecord[];
  readonly RecordId?: string;
  readonly RequestResponses?: readonly { readonly RecordId?: string }[];
}

/** Direct puts of a delivery stream are its only shard, and their ids are sequence numbers with digits behind them. */
const DIRECT_SHARD = 'shardId-000000000000';
const DIRECT_DIGITS = 6;

/**
 * Which recorded span has put a record, for the newest of them: records themselves do not carry a trace, and most are
 * processed within moments.
 */
export class PutSpans {
  /** In the order in which they were put. */
  readonly #byRecord = new Map<string, TraceContext>();

  /** Remembers what a recorded put of Kinesis or Firehose has stored. */
  remember({ outcome }: AnsweredRequest, context: TraceContext): void {
    const { operation, output, input } = outcome ?? {};
    if (operation === undefined || !PUTS.has(operation)) return;
    const stream = streamOf(input);
    const stored = output instanceof EncodedOutput ? output.value() : output;
    if (stream === undefined || typeof stored !== 'object' || stored === null) return;
    for (const { ShardId, SequenceNumber } of recordsOf(stored)) {
      // A record that was refused has none.
      if (ShardId !== undefined && SequenceNumber !== undefined) {
        this.#add(keyOf(stream, ShardId, SequenceNumber), context);
      }
    }
  }

  /** The spans that have put these records, each once. */
  of(
    stream: string,
    shardId: string,
    records: readonly { readonly sequenceNumber: string }[],
  ): TraceContext[] {
    if (this.#byRecord.size === 0) return [];
    const found = new Set<TraceContext>();
    for (const { sequenceNumber } of records) {
      const context = this.#byRecord.get(keyOf(stream, shardId, sequenceNumber));
      if (context !== undefined) found.add(context);
      if (found.size === telemetryLimits.spanLinksMax) break;
    }
    return [...found];
  }

  #add(key: string, context: TraceContext): void {
    this.#byRecord.set(key, context);
    if (this.#byRecord.size <= telemetryLimits.rememberedPutsMax) return;
    const [oldest] = this.#byRecord.keys();
    if (oldest !== undefined) this.#byRecord.delete(oldest);
  }
}

function keyOf(stream: string, shardId: string, sequenceNumber: string): string {
  return `${stream}/${shardId}/${sequenceNumber}`;
}

function recordsOf(output: PutOutput): readonly StoredRecord[] {
  const { Records, RecordId, RequestResponses } = output;
  const direct = RequestResponses ?? (RecordId === undefined ? undefined : [{ RecordId }]);
  // The output of a Kinesis PutRecord is a record itself.
  if (direct === undefined) return Records ?? [output];
  return direct.map(({ RecordId: id }) =>
    id === undefined ? {} : { ShardId: DIRECT_SHARD, SequenceNumber: id.slice(0, -DIRECT_DIGITS) },
  );
}

/** By its name, or by its ARN. */
function streamOf(input: object | undefined): string | undefined {
  const {
    StreamName: name,
    StreamARN: arn,
    DeliveryStreamName,
  } = (input ?? {}) as { StreamName?: string; StreamARN?: string; DeliveryStreamName?: string };
  return DeliveryStreamName ?? name ?? arn?.slice(arn.indexOf(':stream/') + ':stream/'.length);
}
