import { compressors } from 'hyparquet-compressors';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { Conversion, type Converted } from '../../../src/delivery/formats/conversion.ts';
import type { ParquetOptions } from '../../../src/delivery/formats/parquet-file.ts';
import type { SerDeOptions } from '../../../src/delivery/formats/serde.ts';

export const openX: SerDeOptions & { readonly kind: 'OpenX' } = {
  kind: 'OpenX',
  caseInsensitive: true,
  convertsDots: false,
  keyOfColumn: {},
};

export const hive: SerDeOptions & { readonly kind: 'Hive' } = { kind: 'Hive', timestampFormats: [] };

/** The API's defaults. */
export const parquetDefaults: ParquetOptions = {
  compression: 'SNAPPY',
  blockSizeBytes: 256 * 1024 * 1024,
  pageSizeBytes: 1024 * 1024,
  hasDictionaries: false,
  maxPaddingBytes: 0,
  writerVersion: 'V1',
};

export interface ConvertOptions {
  readonly serDe?: SerDeOptions;
  readonly parquet?: Partial<ParquetOptions>;
}

/** Types by the names of columns. */
export type Columns = Readonly<Record<string, string>>;

export function convert(
  columns: Columns,
  records: readonly (string | Uint8Array)[],
  { serDe = openX, parquet = {} }: ConvertOptions = {},
): Converted {
  const conversion = new Conversion({
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    serDe,
    parquet: { ...parquetDefaults, ...parquet },
  });
  const bytes = records.map((record) => (typeof record === 'string' ? Buffer.from(record) : record));
  return conversion.convert(bytes, 0);
}

/** As another implementation reads them. */
export async function rowsOf({ body }: Pick<Converted, 'body'>): Promise<Record<string, unknown>[]> {
  return await parquetReadObjects({ file: memoryOf(body), compressors, utf8: false });
}

export function metadataOf({ body }: Pick<Converted, 'body'>) {
  return parquetMetadata(memoryOf(body));
}

function memoryOf(body: Uint8Array): ArrayBuffer {
  return new Uint8Array(body).buffer;
}

/** The rows of records that are all taken. */
export async function read(
  columns: Columns,
  records: readonly string[],
  options: ConvertOptions = {},
): Promise<Record<string, unknown>[]> {
  const converted = convert(columns, records, options);
  if (converted.refused.length > 0) throw new Error(JSON.stringify(converted.refused));
  return await rowsOf(converted);
}

/** The code and the message with which the record is refused. */
export function refusal(columns: Columns, record: string, options: ConvertOptions = {}): readonly string[] {
  const [refused] = convert(columns, [record], options).refused;
  return refused === undefined ? [] : [refused.errorCode, refused.errorMessage];
}
