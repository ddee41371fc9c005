import { setImmediate } from 'node:timers/promises';
import type { Transfer } from '../../support/thread-pool.ts';
import type { ConversionOptions, RefusedAt } from './conversion.ts';
import { formatLimits } from './limits.ts';

/** A conversion for a thread. */
export interface ConversionJob {
  readonly options: ConversionOptions;
  /** The records, one after another. */
  readonly records: ArrayBuffer;
  /** Where each of them ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export interface ConversionAnswer {
  readonly body: ArrayBuffer;
  readonly bytes: number;
  readonly refused: readonly RefusedAt[];
}

/** Copies the records, with turns for others in between: they are still needed for another attempt. */
export async function conversionJob(
  options: ConversionOptions,
  records: readonly Uint8Array[],
): Promise<Transfer<ConversionJob>> {
  let total = 0;
  for (const record of records) total += record.length;
  const together = new Uint8Array(total);
  const ends = new Uint32Array(records.length);
  let at = 0;
  let turnEnd = formatLimits.copiedBytesMax;
  for (const [index, record] of records.entries()) {
    if (at > turnEnd) {
      await setImmediate();
      turnEnd = at + formatLimits.copiedBytesMax;
    }
    together.set(record, at);
    at += record.length;
    ends[index] = at;
  }
  return { message: { options, records: together.buffer, ends }, moved: [together.buffer, ends.buffer] };
}
