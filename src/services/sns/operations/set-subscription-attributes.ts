import type { SetSubscriptionAttributesInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { withSubscriptionAttribute } from '../attributes-input.ts';
import type { SnsContext } from '../context.ts';

/** Sets RawMessageDelivery, FilterPolicy, FilterPolicyScope, DeliveryPolicy or RedrivePolicy; others are refused by name. */
export async function setSubscriptionAttributes(
  { topics }: SnsContext,
  input: Checked<SetSubscriptionAttributesInput>,
  _call: CallContext,
): Promise<void> {
  const { AttributeName: name, AttributeValue: value = '' } = input;
  await topics.updateSubscription(input.SubscriptionArn, (subscription) => ({
    ...subscription,
    attributes: withSubscriptionAttribute(subscription.attributes, subscription.protocol, name, value),
  }));
}
