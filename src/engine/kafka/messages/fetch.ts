import type { ResponseMemory } from '../response-memory.ts';
import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

export interface FetchRequest {
  readonly topic: string;
  readonly offset: number;
  readonly bytesMax: number;
  /** How long the broker waits for the first new byte. */
  readonly waitMs: number;
  /** For the response. */
  readonly memory?: ResponseMemory;
}

export interface FetchResponse {
  readonly errorCode: number;
  /** Records below it are on all replicas that are in sync. */
  readonly highWatermark: number;
  /** Whole record batches, the last of which may be cut; the first may begin before the offset. Not copied. */
  readonly records: Buffer;
}

const CONSUMER = -1;
const WITHOUT_SESSION = -1;

/**
 * Fetch Request (Version: 11) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch [topics] [forgotten_topics_data] rack_id
 *   replica_id, max_wait_ms, min_bytes, max_bytes => INT32
 *   isolation_level => INT8
 *   session_id, session_epoch => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition current_leader_epoch fetch_offset log_start_offset partition_max_bytes
 *       partition, current_leader_epoch => INT32
 *       fetch_offset, log_start_offset => INT64
 *       partition_max_bytes => INT32
 *   forgotten_topics_data => topic [partitions]
 *   rack_id => STRING
 *
 * Fetch Response (Version: 11) => throttle_time_ms error_code session_id [responses]
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   session_id => INT32
 *   responses => topic [partitions]
 *     topic => STRING
 *     partitions => partition_index error_code high_watermark last_stable_offset log_start_offset [aborted_transactions] preferred_read_replica records
 *       partition_index => INT32
 *       error_code => INT16
 *       high_watermark, last_stable_offset, log_start_offset => INT64
 *       aborted_transactions => producer_id first_offset
 *         producer_id, first_offset => INT64
 *       preferred_read_replica => INT32
 *       records => RECORDS
 *
 * Always of partition 0, without a session: one partition gains nothing by it.
 */
export const fetchRecords: Call<FetchRequest, FetchResponse> = {
  name: 'Fetch',
  key: 1,
  version: 11,
  write: (writer, { topic, offset, bytesMax, waitMs }) => {
    writer.int32(CONSUMER).int32(waitMs).int32(1).int32(bytesMax).int8(0).int32(0).int32(WITHOUT_SESSION);
    writer.int32(1).string(topic).int32(1);
    writer.int32(0).int32(-1).int64(offset).int64(-1).int32(bytesMax);
    writer.int32(0).string('');
  },
  memory: ({ memory }, bytes) => memory?.take(bytes),
  read: (reader) => {
    reader.int32();
    const errorCode = reader.int16();
    reader.int32();
    const [topic] = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        const partition = { errorCode: reader.int16(), highWatermark: reader.number64() };
        reader.int64();
        reader.int64();
        reader.array(() => [reader.int64(), reader.int64()]);
        reader.int32();
        return { ...partition, records: reader.bytes() };
      });
    });
    if (errorCode !== 0) return { errorCode, highWatermark: -1, records: Buffer.alloc(0) };
    const partition = topic?.[0];
    if (partition === undefined) throw new WireError('the answer to a fetch names no partition');
    return partition;
  },
};
