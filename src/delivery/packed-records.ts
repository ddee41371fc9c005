import { setImmediate } from 'node:timers/promises';
import type { Transfer } from '../support/thread-pool.ts';
import { deliveryLimits } from './limits.ts';

/** Records for a thread. */
export interface PackedRecords {
  /** The records, one after another. */
  readonly bytes: ArrayBuffer;
  /** Where each of them ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** A record that was refused, by its place among the records. */
export interface RefusedAt {
  readonly index: number;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** Copies the records, with turns for others in between: they are still needed for another attempt. */
export async function packRecords(records: readonly Uint8Array[]): Promise<Transfer<PackedRecords>> {
  const together = new Uint8Array(bytesOf(records));
  const ends = new Uint32Array(records.length);
  let at = 0;
  let turnEnd = deliveryLimits.copiedBytesMax;
  for (const [index, record] of records.entries()) {
    if (at > turnEnd) {
      await setImmediate();
      turnEnd = at + deliveryLimits.copiedBytesMax;
    }
    together.set(record, at);
    at += record.length;
    ends[index] = at;
  }
  return { message: { bytes: together.buffer, ends }, moved: [together.buffer, ends.buffer] };
}

export function* unpackRecords({ bytes, ends }: PackedRecords): Generator<Uint8Array> {
  let start = 0;
  for (const end of ends) {
    yield new Uint8Array(bytes, start, end - start);
    start = end;
  }
}

/** Whether the records are worth the way to a thread. */
export function areForThread(records: readonly Uint8Array[]): boolean {
  return bytesOf(records) >= deliveryLimits.threadBytesMin;
}

export function bytesOf(records: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const record of records) bytes += record.length;
  return bytes;
}
