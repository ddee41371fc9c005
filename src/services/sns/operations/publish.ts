import type { PublishInput, PublishResponse } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { invalidParameter, notSupported } from '../errors.ts';
import { parseMessage } from '../message-input.ts';

/**
 * Publishes a message to a topic's confirmed subscriptions. It is durable when the call returns and delivered
 * afterwards. A retry with the same amz-sdk-invocation-id publishes nothing again. Phone numbers and platform endpoints are
 * refused by name.
 */
export async function publish(
  { publisher, traces }: SnsContext,
  input: Checked<PublishInput>,
  { invocationId, http }: CallContext,
): Promise<PublishResponse> {
  if (input.PhoneNumber !== undefined) throw notSupported('PhoneNumber', 'text messages');
  const { TopicArn, TargetArn } = input;
  if (TopicArn !== undefined && TargetArn !== undefined) {
    throw invalidParameter('TopicArn or TargetArn, but not both');
  }
  const arn = TopicArn ?? TargetArn;
  if (arn === undefined)
    throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  if (parseArn(arn)?.resource.startsWith('endpoint/') === true)
    throw notSupported('TargetArn', 'platform endpoints');
  const [messageId] = await publisher.publish(arn, [parseMessage(input)], {
    invocationId,
    trace: traces.of(http),
  });
  return { MessageId: messageId };
}
