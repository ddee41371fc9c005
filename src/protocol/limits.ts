/** Bounds of what a body decodes to, whatever the operation. */
export const protocolLimits = {
  /**
   * Maximum number of values in a JSON or CBOR body: as many as 1 MiB of JSON numbers holds. Larger bodies consist of
   * strings and blobs.
   */
  requestValuesMax: 512 * 1024,
  /** Different names of members in a JSON or CBOR body: parsers take microseconds for each. */
  requestNamesMax: 16 * 1024,
  /** Levels of nesting in a JSON or CBOR body. */
  requestDepthMax: 64,
  /** Elements of an XML body, or parts of the parameter names of a form: each is an object with a map. */
  requestNodesMax: 128 * 1024,
  /** Parameters of a form-encoded request. */
  formParametersMax: 64 * 1024,
  /**
   * Bytes of a form without a signature, when signatures are verified. The operations that anyone may call
   * (ConfirmSubscription, Unsubscribe) need a few hundred.
   */
  anonymousFormBytesMax: 16 * 1024,
  /** How often it is checked whether the caller of an open event stream may still have it. */
  streamCheckMs: 2_000,
  /** Streams that are checked until other requests get their turn. */
  streamsCheckedAtOnce: 256,
} as const;
