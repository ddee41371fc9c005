/** What store-kills.suite.ts and the process that it kills tell each other. */

/** `count` records of a writer, numbered from `from` on, under the id of the call. */
export interface Put {
  readonly writer: number;
  readonly id: string;
  readonly from: number;
  readonly count: number;
}

export interface Given {
  readonly seed: number;
  readonly offsetMs: number;
  /** Begun, and not known to be stored: to be repeated under their ids. */
  readonly pending: readonly Put[];
  /** The number of each writer's next record. */
  readonly next: readonly number[];
  /** The number of the last record of each writer that the consumer was handed. */
  readonly handled: readonly number[];
  readonly tag: number;
  /** The last run: no load, but what is there in the end. */
  readonly last: boolean;
  /** How many there are in all. */
  readonly records: number;
}

export type Told =
  | {
      readonly kind: 'dump';
      readonly records: readonly (readonly [sequenceNumber: string, writer: number, n: number])[];
      readonly streams: readonly string[];
      readonly tag: number;
      readonly nowMs: number;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'try'; readonly put: Put }
  | { readonly kind: 'stored'; readonly put: Put; readonly atMs: number }
  | { readonly kind: 'handled'; readonly records: readonly (readonly [writer: number, n: number])[] }
  | { readonly kind: 'tagging' | 'tagged'; readonly value: number }
  | {
      readonly kind: 'stream';
      readonly name: string;
      readonly step: 'creating' | 'created' | 'deleting' | 'deleted';
    }
  | { readonly kind: 'lines'; readonly lines: readonly string[] };
