import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

const TIMES = { latest: -1, earliest: -2 } as const;

/**
 * ListOffsets Request (Version: 1) => replica_id [topics]
 *   replica_id => INT32
 *   topics => name [partitions]
 *     name => STRING
 *     partitions => partition_index timestamp
 *       partition_index => INT32
 *       timestamp => INT64
 *
 * ListOffsets Response (Version: 1) => [topics]
 *   topics => name [partitions]
 *     name => STRING
 *     partitions => partition_index error_code timestamp offset
 *       partition_index => INT32
 *       error_code => INT16
 *       timestamp, offset => INT64
 *
 * Of partition 0: where its records begin, or where the next one goes.
 */
export const listOffsets: Call<
  { readonly topic: string; readonly which: keyof typeof TIMES },
  { readonly errorCode: number; readonly offset: number }
> = {
  name: 'ListOffsets',
  key: 2,
  version: 1,
  write: (writer, { topic, which }) => {
    writer.int32(-1).int32(1).string(topic).int32(1).int32(0).int64(TIMES[which]);
  },
  read: (reader) => {
    const [topic] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        const errorCode = reader.int16();
        reader.int64();
        return { errorCode, offset: reader.number64() };
      });
    });
    const answer = topic?.[0];
    if (answer === undefined) throw new WireError('the answer to ListOffsets names no partition');
    return answer;
  },
};
