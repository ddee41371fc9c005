import type { DeliveryRecord, RefusedRecord } from '../destination.ts';
import type { ConversionOptions } from './conversion.ts';
import type { ConversionThread } from './conversion-thread.ts';

/** Records as a Parquet file. */
export interface ParquetFormat {
  /** Records that do not fit are refused one by one. The same records always make the same bytes. */
  encode(records: readonly DeliveryRecord[]): Promise<{ body: Uint8Array; refused: RefusedRecord[] }>;
}

export function createParquetFormat(options: ConversionOptions, thread: ConversionThread): ParquetFormat {
  return {
    async encode(records) {
      const data = records.map((record) => record.data);
      const { body, refused } = await thread.convert(options, data);
      return {
        body,
        refused: refused.flatMap(({ index, errorCode, errorMessage }) => {
          const record = records[index];
          if (record === undefined) return [];
          return [{ record, errorCode, errorMessage, attempts: 1, outputType: 'format-conversion-failed' }];
        }),
      };
    },
  };
}
