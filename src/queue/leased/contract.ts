import type { Appended, AppendBatch, Engine } from '../../engine/engine.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import type { DeletedMessages } from './deleted-messages.ts';
import type { Lease } from './lease.ts';
import type { Message, MessageView } from './message-format.ts';
import type { ReadAhead } from './read-ahead.ts';

/** What may change while a queue exists. */
export interface LeasedQueueRules {
  readonly retentionMs: number;
  /** How long the messages of an ordered queue wait; those of others have delays of their own. */
  readonly delayMs: number;
  /** A message that was received so often goes to `onDead` instead of being received again. */
  readonly receivesMax: number | undefined;
}

export interface LeasedQueueOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** Unique among all queues that ever were. */
  readonly id: string;
  /** Encrypts receipt handles; 16 bytes. */
  readonly handleKey: Buffer;
  /** Messages of a group are received in order, none while an earlier one is in flight. */
  readonly isOrdered: boolean;
  readonly rules: () => LeasedQueueRules;
  /** Moves messages elsewhere, with `moveTo`. Those that it leaves are received again. */
  readonly onDead: (leases: readonly Lease[]) => Promise<void>;
  readonly deleted: DeletedMessages;
  readonly readAhead: ReadAhead;
}

export interface OutgoingMessage extends Message {
  readonly delayMs?: number;
}

/** Where a message was stored. */
export interface Sent {
  /** Rises in the order of an ordered queue. */
  readonly number: number;
  readonly sentMs: number;
}

export interface ReceiveRequest {
  readonly most: number;
  readonly visibilityMs: number;
  readonly waitMs: number;
  readonly attemptId?: string | undefined;
  readonly signal: AbortSignal;
}

export interface ReceivedMessage {
  readonly message: MessageView;
  readonly receiptHandle: string;
  readonly number: number;
  readonly sentMs: number;
  readonly receiveCount: number;
  readonly firstReceivedMs: number;
}

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export type HandleResult =
  | 'done'
  /** No handle of this queue. */
  | 'invalid'
  /** The message was received again since, or its visibility timeout has ended. */
  | 'expired'
  /** The message is deleted. */
  | 'gone';

/** Messages as the rows and records of one commit. */
export interface PreparedMessages {
  readonly batches: readonly AppendBatch[];
  /** After the commit, with the places of these batches. */
  readonly accept: (appended: readonly Appended[]) => Sent[];
}
