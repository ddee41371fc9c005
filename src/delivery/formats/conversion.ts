import type { RefusedAt } from '../packed-records.ts';
import { leavesOf, parseColumns, type HiveField } from './hive-type.ts';
import { formatLimits } from './limits.ts';
import { ConversionError } from './malformed.ts';
import { ParquetFile, type ParquetOptions } from './parquet-file.ts';
import { RowReader } from './row-reader.ts';
import { serDeRules, type SerDeOptions, type SerDeRules } from './serde.ts';

/** The settings of a conversion. They can be posted to a thread. */
export interface ConversionOptions {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly serDe: SerDeOptions;
  readonly parquet: ParquetOptions;
}

export interface Converted {
  /** The file; it may have no rows. */
  readonly body: Uint8Array;
  readonly refused: readonly RefusedAt[];
}

/** Converts records to one Parquet file. */
export class Conversion {
  readonly #fields: readonly HiveField[];
  readonly #rules: SerDeRules;
  readonly #parquet: ParquetOptions;

  /** Throws DeliveryConfigurationError for unsupported columns or options. */
  constructor({ columns, serDe, parquet }: ConversionOptions) {
    this.#fields = parseColumns(columns);
    this.#rules = serDeRules(serDe);
    this.#parquet = parquet;
  }

  /** `bytes` is the size of all records, or an estimate. */
  convert(records: Iterable<Uint8Array>, bytes: number): Converted {
    const reader = new RowReader(this.#fields, this.#rules);
    const groupRowsMax = Math.floor(formatLimits.rowGroupCellsMax / leavesOf(this.#fields));
    const groupBytesMax = Math.min(this.#parquet.blockSizeBytes, formatLimits.rowGroupJsonBytesMax);
    const file = new ParquetFile(this.#fields, this.#parquet, Math.min(bytes + 4096, groupBytesMax));
    const refused: RefusedAt[] = [];
    let columns: unknown[][] = this.#fields.map(() => []);
    let groupBytes = 0;
    let index = 0;
    for (const record of records) {
      const rows = columns[0]?.length ?? 0;
      if (groupBytes + record.length > groupBytesMax || rows >= groupRowsMax) {
        file.addRowGroup(columns);
        columns = this.#fields.map(() => []);
        groupBytes = 0;
      }
      try {
        reader.read(record, columns);
        groupBytes += record.length;
      } catch (error) {
        if (!(error instanceof ConversionError)) throw error;
        refused.push({ index, errorCode: error.code, errorMessage: error.message });
      }
      index++;
    }
    file.addRowGroup(columns);
    return { body: file.finish(), refused };
  }
}
