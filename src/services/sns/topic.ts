/** A topic's row; the key is its ARN. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  /** Only attributes that were set. */
  readonly attributes: TopicAttributes;
  readonly tags: Readonly<Record<string, string>>;
  /** Number of subscriptions that it has had and that were deleted. */
  readonly subscriptionsDeleted: number;
}

export interface TopicAttributes {
  readonly DisplayName?: string;
  readonly SignatureVersion?: '1' | '2';
  /** A JSON string. */
  readonly DeliveryPolicy?: string;
  /** A JSON string; absent for the default policy. */
  readonly Policy?: string;
  readonly TracingConfig?: 'PassThrough';
}

/** protocols/ has a file for each. */
export const protocolNames = ['http', 'https', 'lambda', 'sqs'] as const;
export type Protocol = (typeof protocolNames)[number];

/** A subscription's row; the key is its ARN. */
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  /** A URL, or the ARN of a function or queue. */
  readonly endpoint: string;
  readonly owner: string;
  readonly confirmed: boolean;
  /** Whether unsubscribing requires credentials, not just the UnsubscribeURL. */
  readonly authenticateOnUnsubscribe: boolean;
  readonly attributes: SubscriptionAttributes;
}

export interface SubscriptionAttributes {
  readonly RawMessageDelivery?: 'true' | 'false';
  /** A JSON string. */
  readonly FilterPolicy?: string;
  readonly FilterPolicyScope?: 'MessageAttributes' | 'MessageBody';
  /** A JSON string. */
  readonly DeliveryPolicy?: string;
  /** A JSON string. */
  readonly RedrivePolicy?: string;
}

/** The name in `arn:aws:sns:region:account:name`. */
export function topicName(arn: string): string {
  return arn.split(':')[5] ?? '';
}
