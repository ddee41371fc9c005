import { UserError } from '../../errors.ts';

/** Error codes of the protocol (https://kafka.apache.org/protocol#protocol_error_codes) that decide what happens next. */
export const kafkaErrors = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  topicAlreadyExists: 36,
} as const;

const names: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  8: 'BROKER_NOT_AVAILABLE',
  9: 'REPLICA_NOT_AVAILABLE',
  10: 'MESSAGE_TOO_LARGE',
  13: 'NETWORK_EXCEPTION',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  17: 'INVALID_TOPIC_EXCEPTION',
  18: 'RECORD_LIST_TOO_LARGE',
  19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  21: 'INVALID_REQUIRED_ACKS',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  32: 'INVALID_TIMESTAMP',
  33: 'UNSUPPORTED_SASL_MECHANISM',
  34: 'ILLEGAL_SASL_STATE',
  35: 'UNSUPPORTED_VERSION',
  36: 'TOPIC_ALREADY_EXISTS',
  37: 'INVALID_PARTITIONS',
  38: 'INVALID_REPLICATION_FACTOR',
  40: 'INVALID_CONFIG',
  41: 'NOT_CONTROLLER',
  42: 'INVALID_REQUEST',
  44: 'POLICY_VIOLATION',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  46: 'DUPLICATE_SEQUENCE_NUMBER',
  47: 'INVALID_PRODUCER_EPOCH',
  56: 'KAFKA_STORAGE_ERROR',
  58: 'SASL_AUTHENTICATION_FAILED',
  59: 'UNKNOWN_PRODUCER_ID',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
  76: 'UNSUPPORTED_COMPRESSION_TYPE',
  78: 'OFFSET_NOT_AVAILABLE',
  87: 'INVALID_RECORD',
  90: 'PRODUCER_FENCED',
};

/**
 * The same request may succeed later: leaders move, replicas come back, metadata spreads. -1 and 2 are among them,
 * because a repeated produce cannot store anything twice.
 */
const retriable: ReadonlySet<number> = new Set([
  -1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 56, 74, 75, 78,
]);

/** A broker's answer says that a request failed. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly code: number;
  readonly isRetriable: boolean;

  constructor(code: number, what: string, details?: string) {
    const name = names[code] ?? `error ${code}`;
    super(`${what}: ${name}${details ? ` (${details})` : ''}`);
    this.code = code;
    this.isRetriable = retriable.has(code);
  }
}

/** Throws unless the code says success. */
export function requireSuccess(code: number, what: string, details?: string): void {
  if (code !== kafkaErrors.none) throw new KafkaError(code, what, details);
}

/** The connection broke, or the broker did not answer in time: whether the request took effect is not known. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** The cluster, the topic or the credentials are not what nagare needs; the operator can change that. */
export class KafkaSetupError extends UserError {
  override readonly name = 'KafkaSetupError';
}

/** The broker has a newer epoch of the producer, or its batches are not in the order that one owner writes them. */
const fenced: ReadonlySet<number> = new Set([45, 46, 47, 59, 90]);

/** Refused whatever comes: too large, of a form or compression that the broker does not take. */
const unfit: ReadonlySet<number> = new Set([10, 18, 42, 76, 87]);

export function isFenced(error: unknown): boolean {
  return error instanceof KafkaError && fenced.has(error.code);
}

/** Whether the broker has not stored a batch and never will. Everything else may change: rights, leaders, disks. */
export function isRefused(error: unknown): boolean {
  return isFenced(error) || (error instanceof KafkaError && unfit.has(error.code));
}
