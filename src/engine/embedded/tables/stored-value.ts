/**
 * A row in the form at hand: JSON as bytes (from a table file) or text (from a frame), or the parsed row (of the
 * catalog, which is in memory anyway). Null for a deletion.
 */
export type StoredValue = string | object | Buffer | null;

/** The value as JSON. */
export function textOf(value: NonNullable<StoredValue>): string {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value);
}

export function rowOf(value: NonNullable<StoredValue>): object {
  // Stored values were written by JSON.stringify of an object.
  if (typeof value === 'string' || Buffer.isBuffer(value)) return JSON.parse(textOf(value)) as object;
  return value;
}
