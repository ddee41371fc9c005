/**
 * Reads the usual form of an operation's JSON body at once: what decoding it would have given, if that is within the
 * model's bounds. Undefined for any other body, which then goes the way of all. A test must hold it equal to that.
 * What it gives holds nothing of the body, whose memory is given back.
 */
export type InputReader = (body: Buffer) => ReadInput | undefined;

/**
 * The same done by somebody else meanwhile; undefined when it is done as fast here. The body's memory may go there, and
 * comes back.
 */
export type RemoteReader = (body: Buffer) => Promise<ReadElsewhere> | undefined;

export interface ReadElsewhere {
  readonly body: Buffer;
  readonly read: ReadInput | undefined;
}

export interface ReadInput {
  readonly input: object;
  /** In which its blobs lie, and nothing else: given back when the call is answered. */
  readonly blobs: Uint8Array | undefined;
}
