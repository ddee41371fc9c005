import type { ConfirmSubscriptionInput, ConfirmSubscriptionResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { invalidParameter, malformedToken } from '../errors.ts';

/** Confirms an endpoint's subscription, as a visit of its SubscribeURL does. Tokens are valid for two days. */
export async function confirmSubscription(
  { topics }: SnsContext,
  input: Checked<ConfirmSubscriptionInput>,
  _call: CallContext,
): Promise<ConfirmSubscriptionResponse> {
  if (input.TopicArn.split(':').length < 6) throw invalidParameter('Topic');
  if (!/^[0-9a-f]+$/.test(input.Token)) throw malformedToken();
  const isStrict = input.AuthenticateOnUnsubscribe?.toLowerCase() === 'true';
  const { arn } = await topics.confirm(input.TopicArn, input.Token, isStrict);
  return { SubscriptionArn: arn };
}
