import { KafkaSetupError, kafkaErrors, requireSuccess } from './errors.ts';
import type { KafkaClient } from './client.ts';
import { kafkaLimits } from './limits.ts';
import { createTopics } from './messages/create-topics.ts';
import { describeConfigs } from './messages/describe-configs.ts';
import type { TopicMetadata } from './messages/metadata.ts';

/**
 * What an acknowledged frame survives. `quorum-memory`: the loss of any one machine, but with a power cut of all of them
 * the newest frames may be gone, because Kafka leaves syncing to the system. `quorum-fsync`: each replica syncs each
 * frame first (the topic has `flush.messages=1`).
 */
export type KafkaDurability = 'quorum-memory' | 'quorum-fsync';

export interface TopicOptions {
  readonly topic: string;
  readonly durability: KafkaDurability;
  /** Copies of each frame, in a topic that nagare creates. Default: three, or as many as there are brokers. */
  readonly replicas?: number | undefined;
}

export interface TopicInfo {
  readonly durability: KafkaDurability;
  readonly replicas: number;
  /** Replicas that have a frame when it is acknowledged. */
  readonly replicasInSync: number;
  /** Size of a record batch. */
  readonly batchBytesMax: number;
}

const FLUSH = 'flush.messages';
const SEGMENT_BYTES = 128 * 1024 * 1024;

/** Creates the topic unless it exists, and checks its settings. Throws KafkaSetupError for what nagare must not use. */
export async function openTopic(client: KafkaClient, options: TopicOptions): Promise<TopicInfo> {
  const { brokers, topics } = await client.describe();
  const [found] = topics;
  if (found === undefined || found.errorCode === kafkaErrors.unknownTopicOrPartition) {
    await create(client, options, options.replicas ?? Math.min(3, brokers.length));
    return await check(client, options, await created(client, options.topic));
  }
  requireSuccess(found.errorCode, `Kafka topic ${options.topic}`);
  return await check(client, options, found);
}

async function create(client: KafkaClient, options: TopicOptions, replicas: number): Promise<void> {
  const { topic, durability } = options;
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'max.message.bytes': String(kafkaLimits.recordBytesMax),
    'min.insync.replicas': replicas > 1 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
    'message.timestamp.type': 'LogAppendTime',
    // Trimming frees whole segments.
    'segment.bytes': String(SEGMENT_BYTES),
    ...(durability === 'quorum-fsync' && { [FLUSH]: '1' }),
  };
  const timeoutMs = kafkaLimits.createTopicMs;
  const request = { topic, replicas, settings, timeoutMs };
  const { errorCode, message } = await client.callController(
    createTopics,
    request,
    timeoutMs + kafkaLimits.answerMs,
  );
  // Another nagare was first.
  if (errorCode === kafkaErrors.topicAlreadyExists) return;
  requireSuccess(errorCode, `creating Kafka topic ${topic}`, message);
}

/** Metadata of a new topic takes a moment to reach all brokers. */
async function created(client: KafkaClient, topic: string): Promise<TopicMetadata> {
  return await client.retry(
    async () => {
      const [found] = (await client.describe()).topics;
      requireSuccess(found?.errorCode ?? kafkaErrors.unknownTopicOrPartition, `Kafka topic ${topic}`);
      if (found === undefined) throw new KafkaSetupError(`Kafka topic ${topic} is missing`);
      return found;
    },
    (error) => error instanceof KafkaSetupError,
  );
}

interface Requirement {
  readonly name: string;
  readonly isMet: (value: string, replicas: number) => boolean;
  readonly needs: string;
}

const requirements: readonly Requirement[] = [
  { name: 'cleanup.policy', isMet: (value) => value === 'delete', needs: 'delete' },
  { name: 'retention.ms', isMet: (value) => Number(value) === -1, needs: '-1' },
  { name: 'retention.bytes', isMet: (value) => Number(value) === -1, needs: '-1' },
  {
    name: 'max.message.bytes',
    isMet: (value) => Number(value) >= kafkaLimits.recordBytesMax,
    needs: `${kafkaLimits.recordBytesMax} or more`,
  },
  {
    name: 'min.insync.replicas',
    isMet: (value, replicas) => Number(value) >= Math.min(2, replicas),
    needs: '2 or more, so that an acknowledged frame is on two machines',
  },
  { name: 'unclean.leader.election.enable', isMet: (value) => value === 'false', needs: 'false' },
  {
    name: 'message.timestamp.type',
    isMet: (value) => value === 'LogAppendTime',
    needs: 'LogAppendTime, so that the clocks of nagare do not matter to the brokers',
  },
];

async function check(client: KafkaClient, options: TopicOptions, found: TopicMetadata): Promise<TopicInfo> {
  const { topic, durability } = options;
  if (found.partitions.length !== 1) {
    throw new KafkaSetupError(
      `Kafka topic ${topic} has ${found.partitions.length} partitions; a shared log needs exactly one`,
    );
  }
  const names = [...requirements.map(({ name }) => name), FLUSH];
  const { errorCode, settings } = await client.callController(describeConfigs, { topic, names });
  requireSuccess(errorCode, `reading the settings of Kafka topic ${topic}`);
  const replicas = found.partitions[0]?.replicas.length ?? 1;
  // What a server of the protocol does not have as a setting, it cannot have set wrong.
  const wrong = requirements.flatMap(({ name, isMet, needs }) => {
    const value = settings.get(name);
    return value === undefined || isMet(value, replicas) ? [] : [`${name} is ${value}, but must be ${needs}`];
  });
  const isSynced = settings.get(FLUSH) === '1';
  if (durability === 'quorum-fsync' && !isSynced) {
    wrong.push(`${FLUSH} is ${settings.get(FLUSH) ?? 'not set'}, but must be 1 for durability quorum-fsync`);
  }
  if (wrong.length > 0) {
    throw new KafkaSetupError(`Kafka topic ${topic} cannot be a shared log: ${wrong.join('; ')}`);
  }
  return {
    durability: isSynced ? 'quorum-fsync' : 'quorum-memory',
    replicas,
    replicasInSync: Number(settings.get('min.insync.replicas') ?? 1),
    batchBytesMax: Number(settings.get('max.message.bytes') ?? kafkaLimits.recordBytesMax),
  };
}
