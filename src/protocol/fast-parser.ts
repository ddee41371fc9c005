import type { RequestBody } from '../http/request-body.ts';

/**
 * Decodes and validates the usual form of an operation's JSON body in one step. Returns exactly what the general
 * decoder would (tests compare the two), or undefined for any other form of body or for one outside the model's
 * bounds. A text may be its bytes instead. The input does not refer to the body unless that is its `memory`.
 */
export type FastParser = (body: Buffer) => ParsedInput | undefined;

/**
 * The same on another thread; undefined if this thread is as fast. The body's memory may be moved to that thread and
 * back.
 */
export type OffloadedParser = (body: RequestBody) => Promise<ParsedInput | undefined> | undefined;

export interface ParsedInput {
  readonly input: object;
  /** The memory that the input refers to, and nothing else; released after the call. Undefined if it is not reused. */
  readonly memory: Uint8Array | undefined;
}
