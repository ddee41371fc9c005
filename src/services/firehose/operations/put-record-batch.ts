import type { PutRecordBatchInput, PutRecordBatchOutput } from '@aws-sdk/client-firehose';
import { EncodedOutput } from '../../../protocol/service.ts';
import type { Handler } from '../context.ts';
import { putDirectly } from '../direct-put/put.ts';
import { recordId } from '../direct-put/record-id.ts';
import { invalidArgument } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';

/**
 * Stores up to 500 records in the order of the request. Unlike AWS, stores all of them or none. A retry with the same
 * amz-sdk-invocation-id stores nothing again.
 */
export const putRecordBatch: Handler<PutRecordBatchInput, PutRecordBatchOutput | EncodedOutput> = async (
  { deliveryStreams },
  { DeliveryStreamName, Records },
  { invocationId },
) => {
  const startedMs = deliveryStreams.clock.now();
  const datas = Records.map(({ Data }) => Data);
  const bytes = bytesOf(datas);
  const { putBatchBytesMax } = firehoseLimits;
  if (bytes > putBatchBytesMax) {
    throw invalidArgument(`Records size exceeds ${putBatchBytesMax / 1024 / 1024} MB limit`);
  }
  const { stream, log, numberOf } = await putDirectly(
    deliveryStreams,
    DeliveryStreamName,
    datas,
    invocationId,
  );
  const { putRecordBatch: metrics } = stream.metrics;
  metrics.bytes.add(bytes);
  metrics.records.add(datas.length);
  metrics.requests.add(1);
  metrics.latency.add(deliveryStreams.clock.now() - startedMs);
  const ids = datas.map((_, ordinal) => recordId(numberOf(ordinal)));
  const Encrypted = log.encrypts;
  // Written as text: creating an object for each id would take longer than the rest.
  return new EncodedOutput(
    () => {
      const responses = ids.map((id) => `{"RecordId":"${id}"}`).join(',');
      return `{"FailedPutCount":0,"Encrypted":${Encrypted},"RequestResponses":[${responses}]}`;
    },
    () => ({ FailedPutCount: 0, Encrypted, RequestResponses: ids.map((RecordId) => ({ RecordId })) }),
  );
};

function bytesOf(datas: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of datas) bytes += length;
  return bytes;
}
