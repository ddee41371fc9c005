/** Bounds of topics, subscriptions and notifications. */
export const snsLimits = {
  /** Characters of a topic's display name, as on AWS. */
  displayNameCharactersMax: 100,
  /** Characters of a message group ID, as on AWS. */
  messageGroupIdCharactersMax: 128,
  /** Characters of a message attribute's name, as on AWS. */
  messageAttributeNameCharactersMax: 256,
  /** Characters of an entry's ID in PublishBatch, as on AWS. */
  batchEntryIdCharactersMax: 80,
  /** Maximum size of a request, form-encoded. */
  bodyBytesMax: 4 * 1024 * 1024,
  /** Size of a message with its attributes, or of all messages of a PublishBatch, as on AWS. */
  messageBytesMax: 256 * 1024,
  /** Messages of a PublishBatch, as on AWS. */
  batchEntriesMax: 10,
  /** Characters of a message's subject, as on AWS. */
  subjectCharactersMax: 100,
  /** Topics of a server. */
  topicsMax: 100_000,
  /** Subscriptions of a server. */
  subscriptionsMax: 100_000,
  /** How long the token of a subscription that waits for confirmation is valid, as on AWS. */
  tokenLifeMs: 2 * 86_400_000,
  /** Deliveries that wait or are in progress. With more, Publish answers Throttled. */
  deliveriesPendingMax: 100_000,
  /** Delivery attempts in progress, of all subscriptions. */
  deliveriesAtOnceMax: 128,
  /** Delivery attempts in progress of one subscription. */
  deliveriesAtOncePerSubscriptionMax: 8,
  /** How long an HTTP endpoint may take to respond, as on AWS. */
  httpTimeoutMs: 15_000,
  /** Retries that a delivery policy can ask for, as on AWS. */
  retriesMax: 100,
  /** Delay between retries that a delivery policy can ask for, in seconds, as on AWS. */
  retryDelaySecondsMax: 3_600,
  /** Size of a filter policy, as on AWS. */
  filterPolicyBytesMax: 256 * 1024,
  /** Keys of a filter policy, as on AWS. */
  filterPolicyKeysMax: 5,
  /** Combinations of values in a filter policy, as on AWS. */
  filterPolicyCombinationsMax: 150,
} as const;
