/** Why records cannot be appended to a table, in the form of AWS's codes, of which few are documented. */
export type IcebergErrorCode =
  | 'Iceberg.NoSuchCatalog'
  | 'Iceberg.NoSuchTable'
  | 'Iceberg.UnsupportedTable'
  | 'Iceberg.CatalogRefused'
  | 'Iceberg.CatalogUnavailable'
  | 'Iceberg.CommitConflict';

/** The table, not a record, is why nothing was appended. Appending the same batch again is safe. */
export class IcebergError extends Error {
  override readonly name = 'IcebergError';
  readonly code: IcebergErrorCode;

  constructor(code: IcebergErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A record that does not fit its table. */
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
