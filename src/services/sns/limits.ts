/** Bounds of topics, subscriptions and notifications. */
export const snsLimits = {
  displayNameCharactersMax: 100,
  messageGroupIdCharactersMax: 128,
  messageAttributeNameCharactersMax: 256,
  batchEntryIdCharactersMax: 80,
  bodyBytesMax: 4 * 1024 * 1024,
  messageBytesMax: 256 * 1024,
  batchEntriesMax: 10,
  subjectCharactersMax: 100,
  topicsMax: 100_000,
  subscriptionsMax: 100_000,
  tokenLifeMs: 2 * 86_400_000,
  /** With more deliveries in progress, Publish answers Throttled. */
  deliveriesPendingMax: 100_000,
  deliveriesAtOnceMax: 128,
  deliveriesAtOncePerSubscriptionMax: 8,
  httpTimeoutMs: 15_000,
  retriesMax: 100,
  retryDelaySecondsMax: 3_600,
  filterPolicyBytesMax: 256 * 1024,
  filterPolicyKeysMax: 5,
  filterPolicyCombinationsMax: 150,
} as const;
