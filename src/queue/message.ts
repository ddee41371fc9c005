/** A message as it waits in a queue. Its body stays on disk until it is wanted. */
export interface QueueMessage<Head extends object> {
  /** Messages of one lane take turns with those of others, and are delivered in the order of their numbers. */
  readonly lane: string;
  /** Unique in its queue, and rising in the order of the commits. */
  readonly number: number;
  readonly head: Head;
  readonly sentMs: number;
  /** How many attempts have failed. */
  readonly attempts: number;
  /** How many attempts ended in an error of the server's own. */
  readonly faults: number;
  /** Not to be delivered before this; undefined when it was never to wait. */
  readonly dueMs: number | undefined;
  /** Where its body lies in the queue's log; undefined when it has none. */
  readonly bodyIndex: number | undefined;
}

/** One body, for any number of receivers. */
export interface OutgoingMessage<Head extends object> {
  /** Stored once, however many receivers there are. Without one the heads say everything. */
  readonly body?: Uint8Array;
  readonly to: readonly Receiver<Head>[];
}

export interface Receiver<Head extends object> {
  readonly lane: string;
  /** A JSON value; it is in memory while the message is near its turn, so it should be small. */
  readonly head: Head;
  readonly dueMs?: number;
  /** Of a message that has waited elsewhere before. */
  readonly sentMs?: number;
  readonly attempts?: number;
}

/** A message's row in the table of its queue. What is 0 or undefined is left out. */
export interface MessageRow<Head extends object> {
  readonly head: Head;
  readonly sentMs: number;
  readonly attempts?: number;
  readonly faults?: number;
  readonly dueMs?: number;
  readonly bodyIndex?: number;
}

export function rowOf<Head extends object>(message: QueueMessage<Head>): MessageRow<Head> {
  const { head, sentMs, attempts, faults, dueMs, bodyIndex } = message;
  return {
    head,
    sentMs,
    ...(attempts === 0 ? {} : { attempts }),
    ...(faults === 0 ? {} : { faults }),
    ...(dueMs === undefined ? {} : { dueMs }),
    ...(bodyIndex === undefined ? {} : { bodyIndex }),
  };
}
