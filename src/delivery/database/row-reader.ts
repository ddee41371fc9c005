import { parseWithNumberTexts } from '../iceberg/exact-json.ts';
import { converters, type SqlValue, timestampText } from './convert.ts';
import { RecordRefusal } from './errors.ts';
import { type JsonPath, parseJsonPath, valueAt } from './json-path.ts';
import type { ColumnSettings, TableSettings } from './table.ts';

/** The fields of a record that its row needs. */
export interface RowSource {
  readonly data: Uint8Array;
  readonly arrivalMs: number;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
}

interface Column extends ColumnSettings {
  readonly steps: JsonPath;
}

/** Matches numbers in JSON text that a double may not represent exactly. */
const LONG_NUMBER = /[\d.eE+-]{16}/;
/** Matches an escaped null character. */
const NULL_ESCAPE = /(?<!\\)(?:\\\\)*\\u0000/;

/** Reads records as rows, in the order of `columnsOf`. */
export class RowReader {
  readonly #columns: readonly Column[];
  readonly #needsJson: boolean;
  readonly #refusesNull: boolean;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** `refusesNull`: the database cannot store null characters. Throws DeliveryConfigurationError. */
  constructor({ columns }: TableSettings, { refusesNull }: { readonly refusesNull: boolean }) {
    this.#columns = columns.map((column) => ({ ...column, steps: parseJsonPath(column.path) }));
    this.#needsJson = this.#columns.some(({ steps, type }) => steps.length > 0 || !isWhole(type));
    this.#refusesNull = refusesNull;
  }

  /** Throws RecordRefusal. */
  read(record: RowSource): SqlValue[] {
    const { data, arrivalMs, shardId, sequenceNumber, subSequenceNumber } = record;
    const arrivedAt = timestampText(BigInt(arrivalMs) * 1000n) ?? '';
    const row: SqlValue[] = [shardId, sequenceNumber, subSequenceNumber, arrivedAt];
    let text: string | undefined;
    let document: unknown;
    if (this.#needsJson) {
      text = this.#text(data);
      document = parsed(text);
    }
    for (const column of this.#columns) {
      if (column.steps.length > 0 || !isWhole(column.type)) {
        row.push(this.#valueOf(column, document, text));
      } else if (column.type === 'bytes') row.push(data);
      else row.push(this.#checked(column, (text ??= this.#text(data))));
    }
    return row;
  }

  #valueOf({ name, type, steps, required }: Column, document: unknown, text?: string): SqlValue {
    const value = valueAt(document, steps);
    // JSON's null is a value only in a JSON column of the whole record.
    if (value === undefined || (value === null && (steps.length > 0 || type !== 'json'))) {
      if (!required) return null;
      throw new RecordRefusal('Database.MissingValue', `The record has no value for the column ${name}.`);
    }
    if (type === 'json' && steps.length === 0 && text !== undefined) {
      return this.#checked({ name, type }, text);
    }
    try {
      return this.#checked({ name, type }, converters[type](value, name));
    } catch (error) {
      if (error instanceof RangeError) throw nestedTooDeeply();
      throw error;
    }
  }

  #checked({ name, type }: Pick<ColumnSettings, 'name' | 'type'>, value: SqlValue): SqlValue {
    if (!this.#refusesNull || typeof value !== 'string') return value;
    if (!value.includes('\0') && (type !== 'json' || !NULL_ESCAPE.test(value))) return value;
    throw new RecordRefusal(
      'Database.InvalidText',
      `The value of the column ${name} has a null character, which the database cannot store.`,
    );
  }

  #text(data: Uint8Array): string {
    try {
      return this.#decoder.decode(data);
    } catch {
      throw new RecordRefusal('Database.InvalidText', 'The record is not valid UTF-8.');
    }
  }
}

/** Whether the type can store the raw record. */
function isWhole(type: ColumnSettings['type']): boolean {
  return type === 'text' || type === 'bytes';
}

function parsed(text: string): unknown {
  try {
    return LONG_NUMBER.test(text) ? parseWithNumberTexts(text) : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof RangeError) throw nestedTooDeeply();
    throw new RecordRefusal('Database.InvalidJson', 'The record is not JSON.');
  }
}

function nestedTooDeeply(): RecordRefusal {
  return new RecordRefusal('Database.InvalidJson', 'The JSON of the record is nested too deeply.');
}
