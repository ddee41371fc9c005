import type { ColumnValue } from './convert.ts';
import { icebergLimits } from './limits.ts';
import type { IcebergField, IcebergType } from './schema.ts';

/** Statistics of a column in a data file's entry, with which readers can skip the file. */
export interface ColumnStats {
  readonly fieldId: number;
  readonly values: number;
  readonly nulls: number;
  readonly lower?: Uint8Array;
  readonly upper?: Uint8Array;
}

/** Computes statistics of primitive top-level columns. They are optional for readers. */
export function columnStats(
  fields: readonly IcebergField[],
  columns: readonly ColumnValue[][],
): ColumnStats[] {
  return fields.flatMap(({ id, type }, index) => {
    if (type.kind === 'struct' || type.kind === 'list' || type.kind === 'map') return [];
    const values = columns[index] ?? [];
    return [{ fieldId: id, values: values.length, ...boundsOf(type, values) }];
  });
}

type Comparable = number | bigint | string | boolean;

function boundsOf(type: IcebergType, values: readonly ColumnValue[]) {
  let nulls = 0;
  let least: Comparable | undefined;
  let greatest: Comparable | undefined;
  for (const value of values) {
    if (value === null || value === undefined) nulls++;
    // Binary columns have no bounds, because these would rarely help.
    else if (!(value instanceof Uint8Array)) {
      // The converter of a primitive column returns only primitive values.
      const one = value as Comparable;
      if (least === undefined || one < least) least = one;
      if (greatest === undefined || one > greatest) greatest = one;
    }
  }
  const lower = least === undefined ? undefined : lowerBound(type, least);
  const upper = greatest === undefined ? undefined : upperBound(type, greatest);
  return { nulls, ...(lower && { lower }), ...(upper && { upper }) };
}

function lowerBound(type: IcebergType, value: Comparable): Buffer | undefined {
  if (typeof value !== 'string') return singleValue(type, value);
  const prefix = value.slice(0, icebergLimits.boundCharactersMax);
  return hasSameOrder(prefix) ? Buffer.from(prefix) : undefined;
}

function upperBound(type: IcebergType, value: Comparable): Buffer | undefined {
  if (typeof value !== 'string') return singleValue(type, value);
  const prefix = value.slice(0, icebergLimits.boundCharactersMax);
  if (!hasSameOrder(prefix)) return undefined;
  if (prefix === value) return Buffer.from(value);
  // A prefix is less than its text, so the upper bound is the next greater prefix of that length.
  const last = prefix.charCodeAt(prefix.length - 1);
  const next = `${prefix.slice(0, -1)}${String.fromCharCode(last + 1)}`;
  return hasSameOrder(next) ? Buffer.from(next) : undefined;
}

/**
 * Bounds are compared as UTF-8, but JavaScript compares UTF-16. The two orders differ only between surrogates and
 * U+E000 to U+FFFF. Among texts without these, the least and the greatest are the same in both orders.
 */
function hasSameOrder(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text);
}

/** https://iceberg.apache.org/spec/#binary-single-value-serialization */
function singleValue({ kind }: IcebergType, value: Comparable): Buffer | undefined {
  switch (kind) {
    case 'boolean':
      return Buffer.from([value === true ? 1 : 0]);
    case 'int':
    case 'date': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(Number(value));
      return bytes;
    }
    case 'float': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return bytes;
    }
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return bytes;
    }
    case 'decimal':
      return bigEndian(BigInt(value));
    case 'string':
      return Buffer.from(String(value));
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value));
      return bytes;
    }
    case 'uuid':
    case 'fixed':
    case 'binary':
    case 'struct':
    case 'list':
    case 'map':
      return undefined;
  }
}

/** The shortest two's complement encoding. */
export function bigEndian(value: bigint, length?: number): Buffer {
  const bits = (value < 0n ? -value - 1n : value).toString(2).length + 1;
  const size = length ?? Math.ceil(bits / 8);
  const hex = BigInt.asUintN(size * 8, value).toString(16);
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex');
}
