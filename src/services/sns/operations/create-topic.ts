import type { CreateTopicInput, CreateTopicResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { parseTopic, sameTopic } from '../topic-input.ts';
import type { SnsContext } from '../context.ts';

/**
 * The topic of that name, made when it was not there. One that was keeps its attributes and tags, and those given
 * must be equal to them. FIFO topics and most attributes are refused by name. Topics belong to the server's region,
 * whatever region the client has.
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
