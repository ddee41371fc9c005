/** Bounds of topics, subscriptions and notifications. */
export const snsLimits = {
  /** Characters of a topic's display name, as on AWS. */
  displayNameCharactersMax: 100,
  /** Size of a topic's policy, as on AWS. */
  policyBytesMax: 30 * 1024,
  /** Statements of a topic's policy, as on AWS. */
  policyStatementsMax: 100,
  /** Principals of a statement of a topic's policy, as on AWS. */
  policyPrincipalsMax: 200,
  /** Characters of a permission's label, as on AWS. */
  policyLabelCharactersMax: 80,
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
  /** Tokens of a server; with more, the oldest end early. */
  tokensMax: 10_000,
  /** Deliveries that wait or are in progress. With more, Publish answers Throttled. */
  deliveriesPendingMax: 100_000,
  /** Delivery attempts in progress, of all subscriptions. */
  deliveriesAtOnceMax: 128,
  /** Delivery attempts in progress of one subscription. */
  deliveriesAtOncePerSubscriptionMax: 8,
  /** Last attempts of a subscription that are remembered. */
  attemptsKept: 5,
  /** Subscriptions whose last attempts are remembered. */
  attemptedSubscriptionsMax: 1_000,
  /** Characters of the reason of a failed attempt that are remembered. */
  attemptReasonCharactersMax: 300,
  /** Subscriptions of a topic that GetDeliveryAttempts returns. */
  attemptsSubscriptionsListed: 100,
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
  /** How long a Publish applies filter policies until other requests get their turn. */
  filterTurnMs: 10,
  /** Attributes of a subscription, its filter policy included, that do not count towards the size of all. */
  smallAttributesCharactersMax: 1024,
  /** Larger attributes of all subscriptions, and of those that a token can restore, together. */
  attributesCharactersMax: 256 * 1024 * 1024,
} as const;
