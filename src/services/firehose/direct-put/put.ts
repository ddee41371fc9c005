import type { DeliveryStream } from '../delivery-stream.ts';
import type { DeliveryStreams } from '../delivery-streams.ts';
import { invalidArgument, notFound } from '../errors.ts';
import type { PutLog } from './put-log.ts';
import { sequenceNumber, sequencePrefix } from './record-id.ts';

export interface StoredPut {
  readonly stream: DeliveryStream;
  readonly log: PutLog;
  /** The sequence number of a record of the call. */
  readonly numberOf: (ordinal: number) => string;
}

/**
 * Implements PutRecord and PutRecordBatch. Throws ResourceNotFoundException, InvalidArgumentException,
 * ServiceUnavailableException.
 */
export async function putDirectly(
  deliveryStreams: DeliveryStreams,
  name: string,
  datas: readonly Uint8Array[],
  invocationId: string | undefined,
): Promise<StoredPut> {
  const stream = deliveryStreams.require(name);
  const { log } = stream;
  if (log === undefined) {
    throw invalidArgument('This operation is not permitted on KinesisStreamAsSource delivery stream type.');
  }
  // A record that is put now could arrive after the deletion has found everything delivered.
  if (stream.row.deleting === true) throw notFound(name, deliveryStreams.accountId);
  const { firstIndex } = await log.put(datas, invocationId);
  const { incoming } = stream.metrics;
  let bytes = 0;
  for (const { length } of datas) bytes += length;
  incoming.bytes.add(bytes);
  incoming.records.add(datas.length);
  incoming.requests.add(1);
  const prefix = sequencePrefix(stream.createdMs);
  return { stream, log, numberOf: (ordinal) => sequenceNumber(prefix, firstIndex + ordinal) };
}
