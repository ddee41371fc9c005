/** Bounds that services share. */
export const awsLimits = {
  /** Tags of a stream, consumer, channel, topic, or alarm. */
  tagsMax: 50,
} as const;
