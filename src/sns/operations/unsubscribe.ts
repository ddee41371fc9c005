import type { UnsubscribeInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { authorizationError } from '../errors.ts';

/**
 * Ends a subscription; an http or https endpoint that had confirmed is told how to take it back. Anyone with the
 * ARN may (it is in UnsubscribeURL), unless it was confirmed with AuthenticateOnUnsubscribe.
 */
export async function unsubscribe(
  { topics, publisher }: SnsContext,
  input: Checked<UnsubscribeInput>,
  call: CallContext,
): Promise<void> {
  const present = topics.requireSubscription(input.SubscriptionArn);
  const isSigned =
    call.http.headers.authorization !== undefined || call.http.query.includes('X-Amz-Signature=');
  if (present.authenticateOnUnsubscribe && !isSigned) {
    throw authorizationError(
      'The subscription can only be ended with credentials (AuthenticateOnUnsubscribe)',
    );
  }
  const { subscription, token } = await topics.unsubscribe(input.SubscriptionArn);
  if (!subscription.confirmed || subscription.protocol === 'lambda') return;
  await publisher.sendConfirmation('UnsubscribeConfirmation', subscription, token);
}
