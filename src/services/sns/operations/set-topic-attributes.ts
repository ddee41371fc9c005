import type { SetTopicAttributesInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { withTopicAttribute } from '../attributes-input.ts';
import type { SnsContext } from '../context.ts';

/** Sets DisplayName, SignatureVersion or DeliveryPolicy of a topic; other attributes are refused by name. */
export async function setTopicAttributes(
  { topics }: SnsContext,
  input: Checked<SetTopicAttributesInput>,
  _call: CallContext,
): Promise<void> {
  await topics.updateTopic(input.TopicArn, (topic) => ({
    ...topic,
    attributes: withTopicAttribute(topic.attributes, input.AttributeName, input.AttributeValue ?? ''),
  }));
}
