import type { Disk } from '../disk.ts';
import type { Entry, SegmentName } from '../format/entries.ts';
import { decodeRowChanges } from '../format/row-changes.ts';
import { catalogRowKey, type RowKey } from '../format/row-key.ts';
import type { State } from '../state.ts';
import type { StoredValue } from '../tables/stored-value.ts';
import { inspectSegment } from './inspect-segment.ts';
import type { LostKeys, TableInspection } from './inspect-table.ts';

/**
 * Restores rows that were lost with blocks of table files but are still in frames, because their segments are kept for
 * records. Only an unbroken run of segments up to the newest one counts: in it, the last change of a row is the last
 * one overall.
 */
export async function restoreRows(
  disk: Disk,
  state: State,
  segments: readonly SegmentName[],
  inspections: readonly TableInspection[],
): Promise<void> {
  const lost = inspections.flatMap((table) => table.lost);
  if (lost.length === 0) return;
  const last = new Map<RowKey, StoredValue>();
  for (const name of unbrokenRun(segments)) {
    const visit = ({ entries }: { readonly entries: readonly Entry[] }): void => {
      for (const [key, value] of changesOf(entries)) {
        if (lost.some((keys) => isIn(keys, key))) last.set(key, value);
      }
    };
    await inspectSegment(disk, name, { visit });
  }
  for (const [key, value] of last) state.rows.restore(key, value);
}

/** Oldest first. */
function unbrokenRun(segments: readonly SegmentName[]): SegmentName[] {
  const plain = segments.filter(({ revision }) => revision === 0).toSorted((a, b) => b.number - a.number);
  const newest = plain[0]?.number ?? 0;
  return plain.filter(({ number }, at) => number === newest - at).toReversed();
}

function* changesOf(entries: readonly Entry[]): IterableIterator<readonly [RowKey, StoredValue]> {
  for (const entry of entries) {
    if (entry.kind === 'rows') yield* decodeRowChanges(entry.changes);
    if (entry.kind !== 'catalog') continue;
    for (const [table, key, row] of entry.changes) yield [catalogRowKey(table, key), row];
  }
}

function isIn({ after, before }: LostKeys, key: RowKey): boolean {
  return (after === undefined || key > after) && (before === undefined || key < before);
}
