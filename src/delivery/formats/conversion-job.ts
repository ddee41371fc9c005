import type { PackedRecords, RefusedAt } from '../packed-records.ts';
import type { ConversionOptions } from './conversion.ts';

/** A conversion for the thread. */
export interface ConversionJob {
  readonly options: ConversionOptions;
  readonly records: PackedRecords;
}

export interface ConversionAnswer {
  readonly body: ArrayBuffer;
  readonly bytes: number;
  readonly refused: readonly RefusedAt[];
}
