import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

/**
 * DeleteRecords Request (Version: 0) => [topics] timeout_ms
 *   topics => name [partitions]
 *     name => STRING
 *     partitions => partition_index offset
 *       partition_index => INT32
 *       offset => INT64
 *   timeout_ms => INT32
 *
 * DeleteRecords Response (Version: 0) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => name [partitions]
 *     name => STRING
 *     partitions => partition_index low_watermark error_code
 *       partition_index => INT32
 *       low_watermark => INT64
 *       error_code => INT16
 *
 * Of partition 0: removes all records before an offset.
 */
export const deleteRecords: Call<
  { readonly topic: string; readonly before: number; readonly timeoutMs: number },
  { readonly errorCode: number }
> = {
  name: 'DeleteRecords',
  key: 21,
  version: 0,
  write: (writer, { topic, before, timeoutMs }) => {
    writer.int32(1).string(topic).int32(1).int32(0).int64(before).int32(timeoutMs);
  },
  read: (reader) => {
    reader.int32();
    const [topic] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        reader.int64();
        return { errorCode: reader.int16() };
      });
    });
    const answer = topic?.[0];
    if (answer === undefined) throw new WireError('the answer to DeleteRecords names no partition');
    return answer;
  },
};
