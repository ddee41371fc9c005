import type { StartingPosition } from '../consumers/source.ts';
import { badRequest } from './answers.ts';
import { compileFilter, type Filter, FilterError } from './filter.ts';
import { consoleLimits } from './limits.ts';
import type { Views } from './views.ts';

/** Where a page begins to read a stream. */
export type From = 'latest' | 'oldest' | { readonly timeMs: number } | { readonly sequenceNumber: string };

/** As the address of a page has it: a word, a time or a sequence number. Throws ConsoleError. */
export function fromOfText(text: string): From {
  if (text === 'latest' || text === 'oldest') return text;
  if (/^\d{20,}$/.test(text)) return { sequenceNumber: text };
  const timeMs = Date.parse(text);
  if (Number.isFinite(timeMs)) return { timeMs };
  throw badRequest('"from" is latest, oldest, a time such as 2026-11-29T09:30:00Z, or a sequence number.');
}

/** Undefined for a shard that has nothing from there on. */
export function startOf(
  { inspector }: Pick<Views, 'inspector'>,
  { stream, from }: { readonly stream: string; readonly from: From },
  shardId: string,
): StartingPosition | undefined {
  if (from === 'oldest') return { type: 'TRIM_HORIZON' };
  if (from === 'latest') {
    const next = inspector.nextIndex(stream, shardId) ?? 0;
    const first = Math.max(0, next - consoleLimits.tailBacklogRecords);
    const sequenceNumber = inspector.sequenceNumberAt(stream, shardId, first);
    return sequenceNumber === undefined ? undefined : { type: 'AT_SEQUENCE_NUMBER', sequenceNumber };
  }
  if ('timeMs' in from) return { type: 'AT_TIMESTAMP', timestampMs: from.timeMs };
  // The number is of one shard; the others have no place for it.
  const { sequenceNumber } = from;
  const isHere = inspector.indexOf(stream, shardId, sequenceNumber) !== undefined;
  return isHere ? { type: 'AT_SEQUENCE_NUMBER', sequenceNumber } : undefined;
}

/** Undefined for no filter. Throws ConsoleError. */
export function filterOf(source: string): Filter | undefined {
  if (source.trim() === '') return undefined;
  try {
    return compileFilter(source);
  } catch (error) {
    throw error instanceof FilterError ? badRequest(error.message) : error;
  }
}
