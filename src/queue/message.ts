/** A message that waits in a queue. Its body stays on disk until it is needed. */
export interface QueueMessage<Head extends object> {
  /** Messages are delivered in order within a lane; lanes take turns. */
  readonly lane: string;
  /** Unique in its queue; increases in commit order. */
  readonly number: number;
  readonly head: Head;
  readonly sentMs: number;
  /** Number of failed attempts. */
  readonly attempts: number;
  /** Number of attempts that ended in an error of the server itself. */
  readonly faults: number;
  /** Not delivered before this time; undefined for a message that was never delayed. */
  readonly dueMs: number | undefined;
  /** Index of its body in the queue's log; undefined when it has none. */
  readonly bodyIndex: number | undefined;
}

/** One body, for any number of receivers. */
export interface OutgoingMessage<Head extends object> {
  /** Stored once, however many receivers there are. Without one the heads carry everything. */
  readonly body?: Uint8Array;
  readonly to: readonly Receiver<Head>[];
}

export interface Receiver<Head extends object> {
  readonly lane: string;
  /** A JSON value; keep it small, because it is in memory while the message is about to be delivered. */
  readonly head: Head;
  readonly dueMs?: number;
  /** Set for a message that waited elsewhere before. */
  readonly sentMs?: number;
  readonly attempts?: number;
}

/** A message's row in the table of its queue. Members that are 0 or undefined are left out. */
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
