import type { Call } from './call.ts';

export interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly errorCode: number;
  readonly index: number;
  /** The id of a broker; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string;
  readonly partitions: readonly PartitionMetadata[];
}

export interface ClusterMetadata {
  readonly brokers: readonly Broker[];
  /** The id of a broker; -1 while there is none. With KRaft it is any broker, which forwards what it is sent. */
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

/**
 * Metadata Request (Version: 5) => [topics] allow_auto_topic_creation
 *   topics => STRING
 *   allow_auto_topic_creation => BOOLEAN
 *
 * Metadata Response (Version: 5) => throttle_time_ms [brokers] cluster_id controller_id [topics]
 *   throttle_time_ms => INT32
 *   brokers => node_id host port rack
 *     node_id => INT32
 *     host => STRING
 *     port => INT32
 *     rack => NULLABLE_STRING
 *   cluster_id => NULLABLE_STRING
 *   controller_id => INT32
 *   topics => error_code name is_internal [partitions]
 *     error_code => INT16
 *     name => STRING
 *     is_internal => BOOLEAN
 *     partitions => error_code partition_index leader_id [replica_nodes] [isr_nodes] [offline_replicas]
 *       error_code => INT16
 *       partition_index, leader_id, replica_nodes, isr_nodes, offline_replicas => INT32
 */
export const metadata: Call<{ readonly topics: readonly string[] }, ClusterMetadata> = {
  name: 'Metadata',
  key: 3,
  version: 5,
  write: (writer, { topics }) => {
    writer.array(topics, (_, topic) => writer.string(topic)).bool(false);
  },
  read: (reader) => {
    reader.int32();
    const brokers = reader.array(() => {
      const broker = { id: reader.int32(), host: reader.string(), port: reader.int32() };
      reader.nullableString();
      return broker;
    });
    reader.nullableString();
    const controller = reader.int32();
    const topics = reader.array(() => {
      const errorCode = reader.int16();
      const name = reader.string();
      reader.bool();
      const partitions = reader.array(() => {
        const partition = {
          errorCode: reader.int16(),
          index: reader.int32(),
          leader: reader.int32(),
          replicas: reader.array(() => reader.int32()),
        };
        reader.array(() => reader.int32());
        reader.array(() => reader.int32());
        return partition;
      });
      return { errorCode, name, partitions };
    });
    return { brokers, controller, topics };
  },
};
