/** Why nothing was written. All of these may pass: the batch is repeated. */
export type DatabaseErrorCode =
  | 'Database.Unreachable'
  | 'Database.InvalidAddress'
  | 'Database.TableDiffers'
  | 'Database.Failed';

/**
 * A failure of a database. It has no cause: a driver's error may contain values of records and settings of the
 * connection.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type RecordRefusalCode =
  | 'Database.InvalidText'
  | 'Database.InvalidJson'
  | 'Database.MissingValue'
  | 'Database.TypeMismatch'
  | 'Database.Rejected';

/** A record that does not fit the table. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
  readonly code: RecordRefusalCode;

  constructor(code: RecordRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
