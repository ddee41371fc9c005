import type { SetTopicAttributesInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { withTopicAttribute } from '../topic-attributes-input.ts';
import type { SnsContext } from '../context.ts';

/**
 * Sets DisplayName, SignatureVersion, DeliveryPolicy, Policy or TracingConfig (PassThrough only) of a topic. Other
 * attributes are refused by name, unless the value is the one that every topic here has, such as a sample rate of 0,
 * which Terraform sends.
 */
export async function setTopicAttributes(
  { topics }: SnsContext,
  input: Checked<SetTopicAttributesInput>,
  _call: CallContext,
): Promise<void> {
  const { AttributeName, AttributeValue = '' } = input;
  await topics.updateTopic(input.TopicArn, (topic) => ({
    ...topic,
    attributes: withTopicAttribute(topic.attributes, AttributeName, AttributeValue, topic),
  }));
}
