import type { LogId, RecordBatch } from '../engine.ts';
import { SMALL_BYTES } from '../packed-records.ts';
import type { LogPlace } from '../shared/shared-log.ts';
import type { EncodedEntries, Entry } from './format/entries.ts';
import { decodeSharedCommit, ENTRIES_AT, type SharedCommit } from './format/shared-commit.ts';

/** A commit of another machine as the shared log has it. */
export interface Committed extends LogPlace {
  readonly payload: Uint8Array;
}

/** A place in the shared log, and when the owner was there. */
export interface Passed extends LogPlace {
  readonly timeMs: number;
}

/** Commits that follow each other in the log, as one. It shares the memory of their payloads. */
export interface CommitRun {
  readonly encoded: EncodedEntries;
  /** The records of the chunks. */
  readonly payload: readonly Buffer[];
  /** Of the newest commit; undefined without one. */
  readonly last: Passed | undefined;
}

/** Throws UnknownCommitError. */
export function decodeCommits(commits: readonly Committed[]): CommitRun {
  const entries: Entry[] = [];
  const decoded: SharedCommit[] = [];
  let last: Passed | undefined;
  for (const { term, position, payload } of commits) {
    const commit = decodeSharedCommit(payload, position, entries);
    decoded.push(commit);
    last = { term, position, timeMs: commit.timeMs };
  }
  return { encoded: { entries, bytes: headsOf(decoded) }, payload: recordsOf(decoded), last };
}

function headsOf(commits: readonly SharedCommit[]): Buffer {
  let length = 0;
  for (const { headBytes } of commits) length += headBytes - ENTRIES_AT;
  const heads = Buffer.allocUnsafe(length);
  let end = 0;
  for (const { bytes, headBytes } of commits) end += bytes.copy(heads, end, ENTRIES_AT, headBytes);
  return heads;
}

/** The records of small commits are copied together: that takes less time than to write each. */
function recordsOf(commits: readonly SharedCommit[]): readonly Buffer[] {
  let length = 0;
  for (const { bytes, headBytes } of commits) length += bytes.length - headBytes;
  if (length >= commits.length * SMALL_BYTES || commits.length === 1) {
    return commits.map(({ bytes, headBytes }) => bytes.subarray(headBytes)).filter((each) => each.length > 0);
  }
  const records = Buffer.allocUnsafe(length);
  let end = 0;
  for (const { bytes, headBytes } of commits) end += bytes.copy(records, end, headBytes);
  return length > 0 ? [records] : [];
}

/**
 * The batches of a run in memory of their own, as the owner's cache has them: neighbouring chunks of a log together, if
 * they arrived together.
 */
export function batchesOf({
  encoded: { entries },
  payload,
}: CommitRun): { log: LogId; batch: RecordBatch }[] {
  const found: { log: LogId; batch: RecordBatch }[] = [];
  const records = Buffer.concat(payload);
  let offset = 0;
  for (let at = 0; at < entries.length;) {
    const first = entries[at++];
    if (first?.kind !== 'chunk') continue;
    const { log, firstIndex, arrivalMs } = first;
    let [count, end] = [first.count, offset + first.bytes];
    for (let next = entries[at]; next?.kind === 'chunk' && next.log === log; next = entries[++at]) {
      if (next.arrivalMs !== arrivalMs || next.firstIndex !== firstIndex + count) break;
      count += next.count;
      end += next.bytes;
    }
    found.push({ log, batch: { firstIndex, arrivalMs, count, bytes: records.subarray(offset, end) } });
    offset = end;
  }
  return found;
}
