import type { LogId } from '../../engine/engine.ts';
import type { Group } from './group.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';

/**
 * A message that was received and is not deleted. It is in flight until its visibility timeout ends; then it waits to be
 * received again, and keeps its counts.
 */
export interface Lease {
  readonly log: MessageLog;
  readonly index: number;
  /** Bytes of the message. */
  bytes: number;
  /** The newest receive, whose handle is the valid one. */
  receive: Receive;
  /** How often it was received. */
  count: number;
  readonly firstReceivedMs: number;
  visibleAtMs: number;
  /** The visibility timeout that is to end then; kept by VisibilityTimeouts. */
  timeoutMs: number | undefined;
  state: 'in flight' | 'waiting' | 'leaving';
  /** Of an ordered queue. */
  readonly group: Group<Lease> | undefined;
}

/** A message that a receive has taken, with its content if that was read for it. */
export interface LeasedMessage {
  readonly lease: Lease;
  readonly stored: StoredMessage | undefined;
}

/** A call that received messages. */
export interface Receive {
  /** Rises; part of the receipt handles. */
  readonly number: number;
  /** Those that were not received again or deleted since. */
  readonly leases: Set<Lease>;
  /** Whether it has a row. */
  isStored: boolean;
  readonly attemptId: string | undefined;
  readonly receivedMs: number;
}

/** A receive on disk: counts and visibility of its messages. */
export interface ReceiveRow {
  readonly receivedMs: number;
  readonly attemptId?: string;
  readonly messages: readonly LeaseRow[];
}

export type LeaseRow = readonly [
  log: LogId,
  index: number,
  bytes: number,
  count: number,
  firstReceivedMs: number,
  visibleAtMs: number,
  group: string | null,
];

export function rowOf({ receivedMs, attemptId, leases }: Receive): ReceiveRow {
  const messages = Array.from(
    leases,
    ({ log, index, bytes, count, firstReceivedMs, visibleAtMs, group }): LeaseRow => [
      log.id,
      index,
      bytes,
      count,
      firstReceivedMs,
      visibleAtMs,
      group?.id ?? null,
    ],
  );
  return { receivedMs, ...(attemptId !== undefined && { attemptId }), messages };
}
