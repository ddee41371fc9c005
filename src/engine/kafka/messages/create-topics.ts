import { WireError } from '../wire-reader.ts';
import type { Call } from './call.ts';

export interface CreateTopicRequest {
  readonly topic: string;
  readonly replicas: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * CreateTopics Request (Version: 2) => [topics] timeout_ms validate_only
 *   topics => name num_partitions replication_factor [assignments] [configs]
 *     name => STRING
 *     num_partitions => INT32
 *     replication_factor => INT16
 *     assignments => partition_index [broker_ids]
 *     configs => name value
 *       name => STRING
 *       value => NULLABLE_STRING
 *   timeout_ms => INT32
 *   validate_only => BOOLEAN
 *
 * CreateTopics Response (Version: 2) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => name error_code error_message
 *     name => STRING
 *     error_code => INT16
 *     error_message => NULLABLE_STRING
 *
 * Always one topic of one partition.
 */
export const createTopics: Call<
  CreateTopicRequest,
  { readonly errorCode: number; readonly message: string | undefined }
> = {
  name: 'CreateTopics',
  key: 19,
  version: 2,
  write: (writer, { topic, replicas, settings, timeoutMs }) => {
    writer.int32(1).string(topic).int32(1).int16(replicas).int32(0);
    writer.array(Object.entries(settings), (_, [name, value]) => writer.string(name).string(value));
    writer.int32(timeoutMs).bool(false);
  },
  read: (reader) => {
    reader.int32();
    const [answer] = reader.array(() => {
      reader.string();
      return { errorCode: reader.int16(), message: reader.nullableString() };
    });
    if (answer === undefined) throw new WireError('the answer to CreateTopics names no topic');
    return answer;
  },
};
