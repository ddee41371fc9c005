import type { StreamRecord } from '../../../consumers/source.ts';

/**
 * Reads the response of a function with ReportBatchItemFailures, as the guide's "Reporting batch item failures"
 * describes it. Returns the index of the first record that failed, or the number of records when none did. A response
 * that names no record of the batch means that all failed.
 */
export function firstFailure(payload: Buffer, records: readonly StreamRecord[]): number {
  const answer = parse(payload);
  if (answer === undefined) return 0;
  if (answer === null || answer === '') return records.length;
  if (typeof answer !== 'object') return 0;
  const failures = 'batchItemFailures' in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return records.length;
  if (!Array.isArray(failures)) return 0;
  const indexes = new Map(records.map(({ sequenceNumber }, index) => [sequenceNumber, index]));
  let first = records.length;
  for (const failure of failures) first = Math.min(first, indexes.get(identifier(failure)) ?? 0);
  return first;
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
