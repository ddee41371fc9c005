import assert from 'node:assert/strict';

import { fileOf, type CallEvent } from './system-calls.ts';

/** What a trace shows of records that name themselves `mark-<number>` in their partition key. */
export interface SyncOrder {
  /** Puts that were answered. */
  readonly answered: number;
  /** Records that somebody was given. */
  readonly given: number;
  /** Syncs of the log. */
  readonly syncs: number;
}

const READS = new Set(['read', 'recvfrom', 'recvmsg']);
const SENDS = new Set(['write', 'writev', 'sendto', 'sendmsg']);
const WRITES = new Set(['pwrite64', 'pwritev', 'pwritev2', 'write', 'writev']);
const SYNCS = new Set(['fdatasync', 'fsync']);

/**
 * Checks that no put was answered, and no record given to a reader, before a sync of the file with the record had
 * begun after its write and had succeeded. Puts come one at a time on a connection.
 */
export function checkSyncOrder(events: readonly CallEvent[]): SyncOrder {
  const written = new Map<string, Set<string>>();
  const syncing = new Map<number, Set<string>>();
  const durable = new Set<string>();
  const asked = new Map<number, Set<string>>();
  const given = new Set<string>();
  let answered = 0;
  let syncs = 0;
  for (const event of events) {
    const { name, when, result } = event;
    const { number, path } = fileOf(event);
    const isSegment = path.endsWith('.segment');
    if (READS.has(name) && !isSegment && when === 'exit') {
      for (const mark of marksIn(event)) add(asked, number, mark);
    } else if (WRITES.has(name) && isSegment && when === 'exit') {
      for (const mark of marksIn(event)) add(written, path, mark);
    } else if (SYNCS.has(name) && isSegment) {
      if (when === 'enter') {
        syncing.set(number, new Set(written.get(path)));
        continue;
      }
      if (result !== 0) continue;
      syncs++;
      for (const mark of syncing.get(number) ?? []) durable.add(mark);
    } else if (SENDS.has(name) && !isSegment && when === 'enter') {
      for (const mark of marksIn(event)) {
        assert(durable.has(mark), `${mark} was given to a reader before it was on disk`);
        given.add(mark);
      }
      const marks = asked.get(number);
      if (marks === undefined || !event.arguments.includes('HTTP/1.1 ')) continue;
      assert(event.arguments.includes('HTTP/1.1 200'), `a put failed: ${event.arguments.slice(0, 500)}`);
      for (const mark of marks) assert(durable.has(mark), `${mark} was answered before it was on disk`);
      answered += marks.size;
      asked.delete(number);
    }
  }
  return { answered, given: given.size, syncs };
}

function marksIn(event: CallEvent): string[] {
  return event.arguments.match(/mark-\d+/g) ?? [];
}

function add<Key>(sets: Map<Key, Set<string>>, key: Key, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
