/** A topic's row, by its ARN. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  /** Those that were set. */
  readonly attributes: TopicAttributes;
  readonly tags: Readonly<Record<string, string>>;
  /** How many subscriptions it has had that are gone. */
  readonly subscriptionsDeleted: number;
}

export interface TopicAttributes {
  readonly DisplayName?: string;
  readonly SignatureVersion?: '1' | '2';
  /** JSON text. */
  readonly DeliveryPolicy?: string;
}

/** protocols/ has a file for each. */
export const protocolNames = ['http', 'https', 'lambda'] as const;
export type Protocol = (typeof protocolNames)[number];

/** A subscription's row, by its ARN. */
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  /** A URL, or a function's ARN. */
  readonly endpoint: string;
  readonly owner: string;
  readonly confirmed: boolean;
  /** Whether it takes credentials to end it, not just its UnsubscribeURL. */
  readonly authenticateOnUnsubscribe: boolean;
  readonly attributes: SubscriptionAttributes;
}

export interface SubscriptionAttributes {
  readonly RawMessageDelivery?: 'true' | 'false';
  /** JSON text. */
  readonly FilterPolicy?: string;
  readonly FilterPolicyScope?: 'MessageAttributes' | 'MessageBody';
  /** JSON text. */
  readonly DeliveryPolicy?: string;
}

/** The name in `arn:aws:sns:region:account:name`. */
export function topicName(arn: string): string {
  return arn.split(':')[5] ?? '';
}
