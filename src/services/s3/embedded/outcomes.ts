import type { Table, Transaction } from '../../../engine/catalog.ts';
import { s3Limits } from '../limits.ts';
import type { ObjectMeta, StoredChecksum } from './object-meta.ts';

/**
 * The result of a call that cannot be executed twice: a completed or aborted upload, or a conditional deletion. A
 * client that never got the response repeats the call and gets the same response, also after a restart.
 */
export interface StoredOutcome {
  readonly kind: 'completed' | 'aborted' | 'deleted';
  readonly bucket: string;
  readonly key: string;
  readonly atMs: number;
  /** For a completed upload. */
  readonly etag?: string;
  readonly checksum?: StoredChecksum;
  readonly encryption?: 'AES256';
  /** The call's invocation id, the same for all its attempts. */
  readonly invocation?: string;
}

/** The key is an upload's id, or the name of a deletion. */
export type OutcomeEntry = readonly [id: string, outcome: StoredOutcome];

/** Upload ids contain no blanks. */
export const deletionId = (invocation: string, bucket: string, key: string): string =>
  `${invocation} ${bucket}/${key}`;

export function putOutcome(
  transaction: Transaction,
  table: Table<StoredOutcome>,
  [id, outcome]: OutcomeEntry,
): void {
  if (table.size >= s3Limits.outcomesMax) {
    const oldest = [...transaction.entries(table)].sort(([, a], [, b]) => a.atMs - b.atMs);
    for (const [old] of oldest.slice(0, Math.ceil(oldest.length / 10))) transaction.delete(table, old);
  }
  transaction.put(table, id, outcome);
}

export function isCurrent({ atMs }: StoredOutcome, nowMs: number): boolean {
  return nowMs - atMs < s3Limits.outcomeKeptMs;
}

/** Whether the call that wrote the object is repeated because its response was lost. */
export function isRepeated(
  current: ObjectMeta,
  content: { readonly md5: string },
  meta: { readonly invocation?: string; readonly etag?: string },
): boolean {
  return (
    meta.invocation !== undefined &&
    current.invocation === meta.invocation &&
    current.etag === (meta.etag ?? content.md5)
  );
}
