import type { CallContext } from '../../../protocol/service.ts';
import type { GetDeliveryAttemptsInput, GetDeliveryAttemptsOutput } from '../api-types.ts';
import type { SnsContext } from '../context.ts';
import { snsLimits } from '../limits.ts';
import { subscriptionOutput } from '../subscription-output.ts';

/**
 * An operation that only nagare has. Returns the last attempts at deliveries to the first subscriptions of a topic since
 * the server started, the newest first: when, how long it took, and what was answered.
 */
export function getDeliveryAttempts(
  { topics, attempts }: SnsContext,
  { TopicArn }: GetDeliveryAttemptsInput,
  _call: CallContext,
): GetDeliveryAttemptsOutput {
  topics.require(TopicArn);
  const Subscriptions: GetDeliveryAttemptsOutput['Subscriptions'][number][] = [];
  for (const subscription of topics.subscriptions(`${TopicArn}:`)) {
    if (Subscriptions.length >= snsLimits.attemptsSubscriptionsListed) break;
    const { SubscriptionArn, Protocol, Endpoint } = subscriptionOutput(subscription);
    Subscriptions.push({
      SubscriptionArn,
      Protocol,
      Endpoint,
      Attempts: attempts.of(subscription.arn).map(({ timeMs, durationMs, outcome, status, reason }) => ({
        Time: new Date(timeMs),
        DurationMilliseconds: Math.round(durationMs),
        Outcome: outcome,
        ...(status !== undefined && { Status: status }),
        ...(reason !== undefined && { Reason: reason }),
      })),
    });
  }
  return { Subscriptions };
}
