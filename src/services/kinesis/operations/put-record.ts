import type { PutRecordInput, PutRecordOutput } from '@aws-sdk/client-kinesis';
import type { Handler, Kinesis } from '../context.ts';
import { dryRun, invalidArgument, shardRateExceeded } from '../errors.ts';
import { countPut } from '../put/metrics.ts';
import { putRecords } from '../put/put.ts';
import { checkEntry } from '../put/checks.ts';
import { parseSequenceNumber } from '../records/sequence-number.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Stores one record; durable when the call returns. Sequence numbers of a shard always increase in the order of the
 * responses, so SequenceNumberForOrdering is only validated. A retry with the same amz-sdk-invocation-id stores nothing
 * again.
 */
export const putRecord: Handler<PutRecordInput, PutRecordOutput> = async (kinesis, input, call) => {
  const stream = kinesis.streams.resolveForData(input);
  const entry = checkEntry(stream, input.PartitionKey, input.ExplicitHashKey, input.Data, '');
  if (input.SequenceNumberForOrdering !== undefined) {
    checkOrdering(kinesis, stream, input.SequenceNumberForOrdering);
  }
  if (input.DryRun === true) throw dryRun();
  const startedMs = kinesis.clock.now();
  const { bytes, latency, latencies, success } = stream.metrics.putRecord;
  try {
    const [place] = await putRecords(kinesis, stream, [entry], call);
    if (place?.sequenceNumber === undefined) {
      throw shardRateExceeded(place?.shard.id ?? '', stream.name, kinesis.accountId);
    }
    countPut(stream, [entry], [place]);
    bytes.add(entry.data.length);
    success.add(1);
    return {
      ShardId: place.shard.id,
      SequenceNumber: place.sequenceNumber,
      EncryptionType: stream.row.encryptionKeyId === undefined ? undefined : 'KMS',
    };
  } catch (error) {
    success.add(0);
    throw error;
  } finally {
    const tookMs = kinesis.clock.now() - startedMs;
    latency.add(tookMs);
    latencies.add(tookMs);
  }
};

/**
 * Refuses sequence numbers from the future, except those of a shard whose last records arrived before the clock was set
 * back.
 */
function checkOrdering(kinesis: Kinesis, stream: Stream, given: string): void {
  const { engine, clock } = kinesis;
  const number = parseSequenceNumber(given);
  if (number !== undefined) {
    const shard = stream.shard(number.shardIndex);
    const lastArrivalMs = shard === undefined ? 0 : engine.bounds(shard.log).lastArrivalMs;
    const newestMs = Math.max(clock.now(), lastArrivalMs, (shard?.row.createdSeconds ?? 0) * 1000);
    if (number.arrivalSeconds * 1000 <= newestMs && number.shardCreatedSeconds * 1000 <= newestMs) return;
  }
  throw invalidArgument(
    `ExclusiveMinimumSequenceNumber ${given} used in PutRecord on stream ${stream.name} under account ` +
      `${kinesis.accountId} is invalid.`,
  );
}
