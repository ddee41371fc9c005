/** Bounds of format conversion. */
export const formatLimits = {
  /** Levels of nesting in a column's type. */
  typeDepthMax: 32,
  /** Levels of nesting in a record. */
  jsonDepthMax: 128,
  /** Keys of records, per struct, whose columns are cached. */
  keysRememberedMax: 4096,
  /** Characters of a value that a message quotes. */
  quotedCharactersMax: 1_000,
  /** Timestamp formats of a deserializer. */
  timestampFormatsMax: 100,
  /** JSON that is converted into one row group, which bounds the memory of a conversion. */
  rowGroupJsonBytesMax: 16 * 1024 * 1024,
  /**
   * Values and nulls of a row group, in all its columns: small records of a wide table take more memory than their
   * JSON.
   */
  rowGroupCellsMax: 8 * 1024 * 1024,
  /** Size of a column's dictionary; beyond it, values are written plainly. */
  dictionaryBytesMax: 1024 * 1024,
} as const;
