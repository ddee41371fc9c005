import type { CreateTopicInput, CreateTopicResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { parseTopic, sameTopic } from '../topic-input.ts';
import type { SnsContext } from '../context.ts';

/**
 * Creates a topic, or returns the existing one of that name. An existing topic keeps its attributes and tags, and any
 * given must equal them. FIFO topics and most attributes are refused by name. Topics are in the server's region,
 * whatever region the client uses.
 */
export async function createTopic(
  { topics }: SnsContext,
  input: Checked<CreateTopicInput>,
  { region, accountId }: CallContext,
): Promise<CreateTopicResponse> {
  const topic = parseTopic(input, region, accountId);
  await topics.create(topic, (present) => sameTopic(present, topic));
  return { TopicArn: topic.arn };
}
