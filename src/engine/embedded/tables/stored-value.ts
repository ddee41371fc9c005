/**
 * A row in whichever form it is at hand: JSON as bytes (from a table file) or text (from a frame), or the parsed row
 * (of the catalog, which is in memory anyway). Null where the row was deleted.
 */
export type StoredValue = string | object | Buffer | null;

/** As JSON. */
export function textOf(value: NonNullable<StoredValue>): string {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value);
}

export function rowOf(value: NonNullable<StoredValue>): object {
  // What was stored was made by JSON.stringify of an object.
  if (typeof value === 'string' || Buffer.isBuffer(value)) return JSON.parse(textOf(value)) as object;
  return value;
}
