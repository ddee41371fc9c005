import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { ServiceError } from '../../errors.ts';
import { batchIdRepeated, emptyBatch, invalidBatchEntryId, tooManyEntries } from './errors.ts';
import { sqsLimits } from './limits.ts';

/** The entries of a batch, checked as a whole. Throws SQS's errors for batches; `entry` is the name of the entries. */
export function checkedBatch<Entry extends { readonly Id?: string }>(
  entries: readonly Entry[] | undefined,
  entry: string,
): readonly (Entry & { readonly Id: string })[] {
  if (entries === undefined || entries.length === 0) throw emptyBatch(entry);
  if (entries.length > sqsLimits.batchEntriesMax)
    throw tooManyEntries(sqsLimits.batchEntriesMax, entries.length);
  const ids = new Set<string>();
  return entries.map((one) => {
    const { Id: id = '' } = one;
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) throw invalidBatchEntryId();
    if (ids.has(id)) throw batchIdRepeated(id);
    ids.add(id);
    // The check has shown that it is there.
    return one as Entry & { readonly Id: string };
  });
}

/** Names in entries that failed: the query protocol's, for those that have another one in JSON. */
const codes: Readonly<Record<string, string>> = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
};

/** An entry that failed. Other errors fail the whole batch. */
export function failedEntry(id: string, error: unknown): BatchResultErrorEntry {
  if (!(error instanceof ServiceError)) throw error;
  const { code, message, status } = error;
  return { Id: id, SenderFault: status < 500, Code: codes[code] ?? code, Message: message };
}

/** Waits for what is done to each entry, all at once so that they share commits, and reports those that failed. */
export async function runBatch(
  entries: readonly Identified[],
  running: readonly Promise<void>[],
): Promise<BatchResult> {
  const results = await Promise.allSettled(running);
  return batchResult(
    entries,
    results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : undefined)),
  );
}

/** Reports the entries with an error, and the others. */
export function batchResult(entries: readonly Identified[], errors: readonly unknown[]): BatchResult {
  const result: BatchResult = { Successful: [], Failed: [] };
  for (const [index, { Id }] of entries.entries()) {
    const error = errors[index];
    if (error === undefined) result.Successful.push({ Id });
    else result.Failed.push(failedEntry(Id, error));
  }
  return result;
}

interface Identified {
  readonly Id: string;
}

interface BatchResult {
  readonly Successful: { Id: string }[];
  readonly Failed: BatchResultErrorEntry[];
}
