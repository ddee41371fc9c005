import type { Lease } from './lease.ts';
import type { Group } from './group.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';

/** A message that is about to be received. */
export interface Taken {
  readonly log: MessageLog;
  readonly index: number;
  /** Undefined when it must be read first. */
  readonly stored: StoredMessage | undefined;
  /** Set for a message that was received before. */
  readonly lease: Lease | undefined;
  readonly group: Group<Lease> | undefined;
}

/** Which message is received next. */
export interface DeliveryOrder {
  addLog(log: MessageLog): void;
  /** Takes messages that are in memory, at most `freshMost` of them that were never received. */
  take(most: number, freshMost: number, nowMs: number): Taken[];
  /** Reads more messages; undefined when there are none that could be received now. */
  load(nowMs: number): Promise<void> | undefined;
  /** A message that was received waits again. */
  returned(lease: Lease): void;
  /** A message in flight or waiting has left the queue. */
  left(lease: Lease): void;
  /** When, after this time, the next message that is in memory becomes due; Infinity when none does. */
  nextDueMs(afterMs: number): number;
  /** The messages of a log before this index are gone. */
  trimmed(log: MessageLog, before: number): void;
}
