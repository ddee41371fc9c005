import { reasonOf } from '../../support/errno.ts';
import { KafkaClient, type KafkaClientOptions } from './client.ts';
import { LogClosedError } from '../shared/retrying.ts';
import { KafkaError, KafkaSetupError } from './errors.ts';
import { KafkaSharedLog } from './kafka-shared-log.ts';
import { kafkaLimits } from './limits.ts';
import { Partition } from './partition.ts';
import type { Compression } from './record-batch.ts';
import { openTopic, type TopicInfo, type TopicOptions } from './topic.ts';

export interface KafkaLogOptions extends KafkaClientOptions, TopicOptions {
  readonly compression: Compression;
}

/**
 * Opens the shared log in a Kafka topic, which is created unless it exists. Throws KafkaSetupError for a cluster that
 * cannot be reached, and for a topic whose settings would lose frames.
 */
export async function openKafkaSharedLog(options: KafkaLogOptions): Promise<KafkaSharedLog> {
  const client = new KafkaClient(options);
  try {
    const topic = await openInTime(client, options);
    return new KafkaSharedLog(client, new Partition(client, options.topic), topic, options.compression);
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function openInTime(client: KafkaClient, options: KafkaLogOptions): Promise<TopicInfo> {
  const late = new AbortController();
  const cancel = options.clock.schedule(kafkaLimits.openMs, () => late.abort());
  let problem: unknown;
  try {
    return await client.retry(
      async () => {
        try {
          return await openTopic(client, options);
        } catch (error) {
          problem = error;
          throw error;
        }
      },
      (error) => error instanceof KafkaSetupError || (error instanceof KafkaError && !error.isRetriable),
      late.signal,
    );
  } catch (error) {
    if (error instanceof KafkaError) throw new KafkaSetupError(error.message, { cause: error });
    if (!(error instanceof LogClosedError)) throw error;
    throw new KafkaSetupError(`the Kafka cluster does not answer: ${reasonOf(problem)}`, { cause: problem });
  } finally {
    cancel();
  }
}
