/** Error codes of appends to tables, in the form of AWS's codes, few of which are documented. */
export type IcebergErrorCode =
  | 'Iceberg.NoSuchCatalog'
  | 'Iceberg.NoSuchTable'
  | 'Iceberg.UnsupportedTable'
  | 'Iceberg.CatalogRefused'
  | 'Iceberg.CatalogUnavailable'
  | 'Iceberg.CommitConflict';

/** The table, not a record, made the append fail. Appending the same batch again is safe. */
export class IcebergError extends Error {
  override readonly name = 'IcebergError';
  readonly code: IcebergErrorCode;

  constructor(code: IcebergErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A record that does not match its table. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
  readonly code: RecordRefusalCode;

  constructor(code: RecordRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type RecordRefusalCode =
  | 'Iceberg.InvalidJson'
  | 'Iceberg.MissingColumnWithinRecord'
  | 'Iceberg.TypeMismatch'
  | 'Iceberg.AmbiguousColumn';
