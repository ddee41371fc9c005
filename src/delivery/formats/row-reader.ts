import { isUtf8 } from 'node:buffer';
import { isObject, objectReader } from './convert-value.ts';
import { leavesOf, type HiveField, type HiveType } from './hive-type.ts';
import { JsonDocuments } from './json-documents.ts';
import { ConversionError, malformedData, mismatch, parseError } from './malformed.ts';
import { formatLimits } from './limits.ts';
import { InexactNumberError } from './numbers.ts';
import type { SerDeRules } from './serde.ts';

/**
 * Matches numbers with more digits than a double keeps, for decimal columns; a match within a string is harmless. Other
 * inexact numbers are detected when they are converted (InexactNumberError).
 */
const LONG_NUMBER = /[0-9.]{16}[0-9.eE]/;

/** Reads records into columns. Each document of a record is a row. */
export class RowReader {
  /** A row of nulls. */
  readonly #nulls: readonly unknown[];
  readonly #read: (object: object, row: unknown[]) => void;
  readonly #hasDecimals: boolean;
  readonly #documentsMax: number;

  constructor(fields: readonly HiveField[], rules: SerDeRules) {
    this.#nulls = fields.map(() => null);
    this.#hasDecimals = fields.some(({ type }) => holdsDecimals(type));
    this.#documentsMax = Math.max(1, Math.floor(formatLimits.rowGroupCellsMax / leavesOf(fields)));
    this.#read = objectReader(fields, rules, rules.keyOfColumn);
  }

  /** Adds the record's rows to the columns: all of them or, if it throws ConversionError, none. */
  read(record: Uint8Array, columns: readonly unknown[][]): void {
    if (!isUtf8(record)) throw parseError('Invalid UTF-8');
    const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString();
    const row = this.#readQuickly(text);
    if (row !== undefined) return append(row, columns);
    const documents = new JsonDocuments(text).all();
    if (documents.length === 0) {
      throw malformedData('The record was empty or contained only whitespace.');
    }
    if (documents.length > this.#documentsMax) {
      throw malformedData(`The record holds more than ${this.#documentsMax} documents.`);
    }
    for (const rowOfDocument of documents.map((document) => this.#rowOf(document))) {
      append(rowOfDocument, columns);
    }
  }

  /**
   * The fast path. Undefined for records that the full parser must read: several documents, numbers with many digits,
   * and records that are refused, so that the refusal shows values as they were written.
   */
  #readQuickly(text: string): unknown[] | undefined {
    if (this.#hasDecimals && LONG_NUMBER.test(text)) return undefined;
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      return undefined;
    }
    try {
      return this.#rowOf(document);
    } catch (error) {
      if (error instanceof InexactNumberError || error instanceof ConversionError) return undefined;
      throw error;
    }
  }

  #rowOf(document: unknown): unknown[] {
    if (Array.isArray(document)) throw mismatch('The top level must be an object, not an array.');
    if (!isObject(document)) {
      throw malformedData(
        'The input JSON contained a primitive at the top level. The top level must be an object or array.',
      );
    }
    const row = this.#nulls.slice();
    this.#read(document, row);
    return row;
  }
}

function holdsDecimals(type: HiveType): boolean {
  if (type.kind === 'array') return holdsDecimals(type.element);
  if (type.kind === 'map') return holdsDecimals(type.key) || holdsDecimals(type.value);
  if (type.kind === 'struct') return type.fields.some((field) => holdsDecimals(field.type));
  return type.kind === 'decimal';
}

function append(row: readonly unknown[], columns: readonly unknown[][]): void {
  for (let index = 0; index < row.length; index++) columns[index]?.push(row[index]);
}
