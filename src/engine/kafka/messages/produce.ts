import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

export interface ProduceRequest {
  readonly topic: string;
  /** One record batch; not copied. */
  readonly batch: readonly Uint8Array[];
  readonly timeoutMs: number;
}

export interface ProduceResponse {
  readonly errorCode: number;
  /** Of the first record of the batch; -1 with an error. A repeated batch has its first offset. */
  readonly baseOffset: number;
}

const ALL_IN_SYNC = -1;

/**
 * Produce Request (Version: 7) => transactional_id acks timeout_ms [topic_data]
 *   transactional_id => NULLABLE_STRING
 *   acks => INT16
 *   timeout_ms => INT32
 *   topic_data => name [partition_data]
 *     name => STRING
 *     partition_data => index records
 *       index => INT32
 *       records => RECORDS
 *
 * Produce Response (Version: 7) => [responses] throttle_time_ms
 *   responses => name [partition_responses]
 *     name => STRING
 *     partition_responses => index error_code base_offset log_append_time_ms log_start_offset
 *       index => INT32
 *       error_code => INT16
 *       base_offset, log_append_time_ms, log_start_offset => INT64
 *   throttle_time_ms => INT32
 *
 * Always of one batch for partition 0, acknowledged by all replicas that are in sync.
 */
export const produce: Call<ProduceRequest, ProduceResponse> = {
  name: 'Produce',
  key: 0,
  version: 7,
  write: (writer, { topic, batch, timeoutMs }) => {
    let length = 0;
    for (const part of batch) length += part.length;
    writer.string(null).int16(ALL_IN_SYNC).int32(timeoutMs);
    writer.int32(1).string(topic).int32(1).int32(0).int32(length).append(batch);
  },
  read: (reader) => {
    const [topic] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        const answer = { errorCode: reader.int16(), baseOffset: reader.number64() };
        reader.int64();
        reader.int64();
        return answer;
      });
    });
    const answer = topic?.[0];
    if (answer === undefined) throw new WireError('the answer to a produce names no partition');
    return answer;
  },
};
