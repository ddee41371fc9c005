import type { PutRecordInput, PutRecordOutput } from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { putDirectly } from '../direct-put/put.ts';
import { recordId } from '../direct-put/record-id.ts';

/** Stores a record durably. A retry with the same amz-sdk-invocation-id stores nothing again. */
export const putRecord: Handler<PutRecordInput, PutRecordOutput> = async (
  { deliveryStreams },
  { DeliveryStreamName, Record: { Data } },
  { invocationId },
) => {
  const startedMs = deliveryStreams.clock.now();
  const { stream, log, numberOf } = await putDirectly(
    deliveryStreams,
    DeliveryStreamName,
    [Data],
    invocationId,
  );
  const { putRecord: metrics } = stream.metrics;
  metrics.bytes.add(Data.length);
  metrics.requests.add(1);
  metrics.latency.add(deliveryStreams.clock.now() - startedMs);
  return { RecordId: recordId(numberOf(0)), Encrypted: log.encrypts };
};
