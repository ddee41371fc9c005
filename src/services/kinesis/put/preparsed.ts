import { HASH_KEY_DIGITS, type HashKey } from '../shards/hash-key.ts';
import { Puts } from './put-body-parser.ts';

/** What a thread has made of a call's records already. */
export interface PreparsedRecords {
  readonly count: number;
  /** As `pack` makes them. */
  readonly bytes: Buffer;
  /** Of all records, one after the other. */
  readonly hashKeys: string;
}

/** The input of PutRecords with its records ready to be stored. */
export class PreparsedPuts extends Puts {
  readonly #ready: PreparsedRecords;

  constructor(ready: PreparsedRecords) {
    super();
    this.#ready = ready;
  }

  /** Undefined for any other input. */
  static readyOf(input: object): PreparsedRecords | undefined {
    return #ready in input ? input.#ready : undefined;
  }
}

export function hashKeyAt({ hashKeys }: PreparsedRecords, ordinal: number): HashKey {
  return hashKeys.slice(ordinal * HASH_KEY_DIGITS, (ordinal + 1) * HASH_KEY_DIGITS);
}
