import { HASH_KEY_DIGITS, type HashKey } from '../shards/hash-key.ts';
import { PutRecordsInput } from './put-body-parser.ts';

/** What a worker thread has computed for a call's records. */
export interface PreparsedRecords {
  readonly count: number;
  /** In the form that `pack` produces. */
  readonly bytes: Buffer;
  /** The hash keys of all records, concatenated. */
  readonly hashKeys: string;
}

/** The input of PutRecords, with its records already packed. */
export class PreparsedPutRecords extends PutRecordsInput {
  readonly #records: PreparsedRecords;

  constructor(records: PreparsedRecords) {
    super();
    this.#records = records;
  }

  /** Returns undefined for any other input. */
  static recordsOf(input: object): PreparsedRecords | undefined {
    return #records in input ? input.#records : undefined;
  }
}

export function hashKeyAt({ hashKeys }: PreparsedRecords, ordinal: number): HashKey {
  return hashKeys.slice(ordinal * HASH_KEY_DIGITS, (ordinal + 1) * HASH_KEY_DIGITS);
}
