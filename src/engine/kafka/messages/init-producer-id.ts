import type { Call } from './call.ts';

/**
 * InitProducerId Request (Version: 0) => transactional_id transaction_timeout_ms
 *   transactional_id => NULLABLE_STRING
 *   transaction_timeout_ms => INT32
 *
 * InitProducerId Response (Version: 0) => throttle_time_ms error_code producer_id producer_epoch
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   producer_id => INT64
 *   producer_epoch => INT16
 */
export const initProducerId: Call<void, { readonly errorCode: number; readonly producerId: bigint }> = {
  name: 'InitProducerId',
  key: 22,
  version: 0,
  write: (writer) => {
    writer.string(null).int32(60_000);
  },
  read: (reader) => {
    reader.int32();
    const answer = { errorCode: reader.int16(), producerId: reader.int64() };
    reader.int16();
    return answer;
  },
};
