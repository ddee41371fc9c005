import type { UnsubscribeInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { authorizationError } from '../errors.ts';
import { protocols } from '../protocols/index.ts';
import { checkSubscriptionArn } from '../topics.ts';

/**
 * Deletes a subscription; a confirmed http or https endpoint gets a message with which to restore it. Anyone who knows the
 * ARN may call it (it is part of UnsubscribeURL), unless the subscription was confirmed with AuthenticateOnUnsubscribe.
 * Succeeds when the subscription or its topic does not exist, as on AWS.
 */
export async function unsubscribe(
  { topics, publisher }: SnsContext,
  input: Checked<UnsubscribeInput>,
  call: CallContext,
): Promise<void> {
  const arn = input.SubscriptionArn;
  checkSubscriptionArn(arn);
  const present = topics.subscription(arn);
  if (present === undefined) return;
  if (present.authenticateOnUnsubscribe && !call.principal.isSigned) {
    throw authorizationError(
      'This subscription requires credentials to unsubscribe (AuthenticateOnUnsubscribe)',
    );
  }
  const ended = await topics.unsubscribe(arn);
  if (ended === undefined) return;
  const { subscription, token } = ended;
  if (!subscription.confirmed || !protocols[subscription.protocol].needsConfirmation) return;
  await publisher.sendConfirmation('UnsubscribeConfirmation', subscription, token);
}
