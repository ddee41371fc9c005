import type { DeliveryRecord, RefusedRecord } from '../destination.ts';
import type { ConversionOptions } from './conversion.ts';
import type { ConversionThread } from './conversion-thread.ts';

/** Writes records as a Parquet file. */
export interface ParquetFormat {
  /** Records that do not match the schema are refused individually. The same records always give the same bytes. */
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
