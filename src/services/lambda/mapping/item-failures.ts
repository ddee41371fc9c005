import type { StreamRecord } from '../../../consumers/source.ts';

/**
 * Reads the response of a function with ReportBatchItemFailures, as the guide's "Reporting batch item failures"
 * describes it. Returns the index of the first record that failed, or the number of records when none did. A response
 * that names no record of the batch means that all failed.
 */
export function firstFailure(payload: Buffer, records: readonly StreamRecord[]): number {
  const failures = failuresIn(payload);
  if (failures === undefined) return 0;
  const indexes = new Map(records.map(({ sequenceNumber }, index) => [sequenceNumber, index]));
  let first = records.length;
  for (const failure of failures) first = Math.min(first, indexes.get(identifier(failure)) ?? 0);
  return first;
}

/**
 * The same for messages of a queue, of which each is handled or not. All have failed if the response names another
 * message.
 */
export function failedItems(payload: Buffer, ids: ReadonlySet<string>): ReadonlySet<string> {
  const failures = failuresIn(payload);
  if (failures === undefined) return ids;
  const failed = new Set(failures.map(identifier));
  return [...failed].every((id) => ids.has(id)) ? failed : ids;
}

/** The `state` that a function in a tumbling window returned; undefined without one. */
export function returnedState(payload: Buffer): unknown {
  const answer = parse(payload);
  return typeof answer === 'object' && answer !== null && 'state' in answer ? answer.state : undefined;
}

/** What a response reports; undefined for one that means that all have failed. */
function failuresIn(payload: Buffer): readonly unknown[] | undefined {
  const answer = parse(payload);
  if (answer === null || answer === '') return [];
  if (typeof answer !== 'object') return undefined;
  const failures = 'batchItemFailures' in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return [];
  return Array.isArray(failures) ? failures : undefined;
}

function identifier(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null || !('itemIdentifier' in failure)) return '';
  return typeof failure.itemIdentifier === 'string' ? failure.itemIdentifier : '';
}

function parse(payload: Buffer): unknown {
  if (payload.length === 0) return null;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
