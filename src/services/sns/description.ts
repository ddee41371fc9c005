import { formatArn } from '../../aws/arn.ts';
import { compact, type Description, ordered } from '../../declarations/description.ts';
import { declaredJson } from '../../declarations/json-document.ts';
import { deadLetterQueue } from './dead-letters.ts';
import type { Subscription, Topic } from './topic.ts';
import type { Topics } from './topics.ts';

/** All topics with their subscriptions. */
export function describeTopics(topics: Topics): Description {
  const all = [...topics.topics('')].map((topic) => ({
    topic,
    subscriptions: ordered(
      topics.subscriptions(`${topic.arn}:`),
      ({ protocol, endpoint }) => `${protocol} ${endpoint}`,
    ),
  }));
  return {
    sections: {
      topics: Object.fromEntries(
        all.map(({ topic, subscriptions }) => [topic.name, declaredTopic(topic, subscriptions)]),
      ),
    },
    imports: all.flatMap(({ topic, subscriptions }) => [
      { type: 'aws_sns_topic', name: topic.name, id: topic.arn },
      ...subscriptions
        .filter(({ confirmed }) => confirmed)
        .map((subscription) => ({
          type: 'aws_sns_topic_subscription',
          name: `${topic.name}_${idOf(subscription)}`,
          id: subscription.arn,
        })),
    ]),
    undeclared: [],
  };
}

function declaredTopic(topic: Topic, subscriptions: readonly Subscription[]): Record<string, unknown> {
  const { DisplayName, SignatureVersion, DeliveryPolicy, TracingConfig, Policy } = topic.attributes;
  return compact({
    displayName: DisplayName,
    signatureVersion: SignatureVersion,
    deliveryPolicy: declaredJson(DeliveryPolicy),
    tracingConfig: TracingConfig,
    policy: declaredJson(Policy),
    tags: topic.tags,
    subscriptions: subscriptions.map((one) => declaredSubscription(topic, one)),
  });
}

/** Functions and queues of this server by name, other endpoints as they are. */
function declaredSubscription(topic: Topic, { protocol, endpoint, attributes }: Subscription) {
  const { RawMessageDelivery, FilterPolicy, FilterPolicyScope, DeliveryPolicy, RedrivePolicy } = attributes;
  const queues = formatArn('sqs', topic, '');
  const prefixes = { lambda: formatArn('lambda', topic, 'function:'), sqs: queues, http: '', https: '' };
  return {
    protocol,
    endpoint: withoutPrefix(endpoint, prefixes[protocol]),
    ...compact({
      rawMessageDelivery: RawMessageDelivery === 'true',
      filterPolicyScope: FilterPolicyScope,
      deliveryPolicy: declaredJson(DeliveryPolicy),
      deadLetterQueue: RedrivePolicy && withoutPrefix(deadLetterQueue(RedrivePolicy), queues),
    }),
    // An empty one lets everything through, and counts as one.
    ...(FilterPolicy !== undefined && { filterPolicy: declaredJson(FilterPolicy) }),
  };
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** The last part of the ARN, a UUID. */
function idOf({ arn }: Subscription): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
