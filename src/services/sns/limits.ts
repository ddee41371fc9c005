/** Bounds of what topics are given, as AWS has them. */
export const snsLimits = {
  displayNameCharactersMax: 100,
  messageGroupIdCharactersMax: 128,
  messageAttributeNameCharactersMax: 256,
  batchEntryIdCharactersMax: 80,
} as const;
