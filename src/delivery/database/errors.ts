/** Why nothing was written. All of these may be transient: the batch is retried. */
export type DatabaseErrorCode =
  | 'Database.Unreachable'
  | 'Database.InvalidAddress'
  | 'Database.TableDiffers'
  | 'Database.Failed';

/**
 * A failure of a database. It has no cause, because a driver's error may contain values of records and connection
 * settings.
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

/** A record that does not match the table. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
  readonly code: RecordRefusalCode;

  constructor(code: RecordRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
