/**
 * Decodes and validates the usual form of an operation's JSON body in one step. Gives exactly what the general decoder
 * would (tests compare the two), or undefined for a body of any other form, or outside of the model's bounds. The input
 * does not refer to the body, whose memory is released.
 */
export type InputReader = (body: Buffer) => ReadInput | undefined;

/**
 * The same on another thread; undefined when this one is as fast. The body's memory may move to that thread, and comes
 * back.
 */
export type RemoteReader = (body: Buffer) => Promise<OffloadedRead> | undefined;

export interface OffloadedRead {
  readonly body: Buffer;
  readonly read: ReadInput | undefined;
}

export interface ReadInput {
  readonly input: object;
  /** The memory of all blobs of the input, and of nothing else: released after the call. */
  readonly blobs: Uint8Array | undefined;
}
