/** Bounds that services share. */
export const awsLimits = {
  /** Of a stream, a consumer, a channel, a topic, an alarm. */
  tagsMax: 50,
} as const;
