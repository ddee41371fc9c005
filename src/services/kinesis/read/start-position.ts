import type { ShardIteratorType } from '@aws-sdk/client-kinesis';
import type { StreamContext } from './context.ts';
import { invalidArgument } from '../errors.ts';
import { atTimestamp, latest, positionOf, sequenceNumberOf, trimHorizon } from './positions.ts';
import { type Shard, shardIdOf } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

export interface RequestedStart {
  readonly type: ShardIteratorType;
  readonly sequenceNumber: string | undefined;
  readonly timestamp: Date | undefined;
  /** For error messages. */
  readonly operation: string;
}

/**
 * Returns the position in the shard's log where a reader starts. Throws InvalidArgumentException in AWS's wording.
 */
export async function startOf(
  kinesis: StreamContext,
  stream: Stream,
  shard: Shard,
  start: RequestedStart,
): Promise<number> {
  const { type, sequenceNumber } = start;
  if (type !== 'AT_SEQUENCE_NUMBER' && type !== 'AFTER_SEQUENCE_NUMBER' && sequenceNumber !== undefined) {
    throw mismatched(`${type} and also a StartingSequenceNumber`);
  }
  switch (type) {
    case 'TRIM_HORIZON':
      return await trimHorizon(kinesis, stream, shard);
    case 'LATEST':
      return latest(kinesis, shard);
    case 'AT_TIMESTAMP':
      return await atTimestamp(kinesis, shard, requireTimestamp(kinesis, start.timestamp));
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      if (sequenceNumber === undefined) throw mismatched(`${type} and no StartingSequenceNumber`);
      const number = sequenceNumberOf(shard, sequenceNumber);
      if (!('fault' in number)) {
        return positionOf(kinesis, shard, number, type === 'AT_SEQUENCE_NUMBER' ? 'at' : 'after');
      }
      if (number.fault === 'other shard') {
        throw invalidArgument(
          `Invalid StartingSequenceNumber. It encodes ${shardIdOf(number.shardIndex)}, while it was used in a ` +
            `call to a shard with ${shard.id}`,
        );
      }
      throw invalidArgument(
        `StartingSequenceNumber ${sequenceNumber} used in ${start.operation} on shard ${shard.id} in stream ` +
          `${stream.name} under account ${kinesis.accountId} is invalid` +
          (number.fault === 'malformed' ? '.' : ' because it did not come from this stream.'),
      );
    }
  }
}

function mismatched(request: string) {
  return invalidArgument(
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
      `(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${request}.`,
  );
}

function requireTimestamp(kinesis: StreamContext, timestamp: Date | undefined): number {
  if (timestamp === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no ' +
        'timestamp parameter.',
    );
  }
  const timeMs = timestamp.getTime();
  const nowMs = kinesis.clock.now();
  if (timeMs > nowMs) {
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timeMs}, currentTimestampInMillis: ${nowMs}`,
    );
  }
  return timeMs;
}
