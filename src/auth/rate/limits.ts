/** Bounds of what one caller or address may do; the rates themselves are settings. */
export const rateLimits = {
  /** Callers whose rates are remembered. The one that was idle longest is forgotten first. */
  callersMax: 10_000,
  /** The same for addresses. An IPv6 network of 64 bits counts as one. */
  addressesMax: 10_000,
  /** Signatures per second that do not hold, of one address; refusals of further ones are sent later. */
  wrongSignaturesPerSecond: 20,
  /** How much later at most. */
  refusalDelayMsMax: 5_000,
} as const;
