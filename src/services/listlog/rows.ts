import type { StartingPosition } from '../../consumers/source.ts';

/** A list log in the catalog (table `listlog.logs`, by name). */
export interface ListLogRow {
  readonly name: string;
  /** Distinguishes list logs that had the same name at different times; stored in the object. */
  readonly id: string;
  /** Name or ARN, as given. */
  readonly stream: string;
  readonly bucket: string;
  readonly key: string;
  readonly format: string;
  readonly timeZone: string;
  readonly startingPosition: Extract<
    StartingPosition,
    { readonly type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' }
  >;
  /** The endpoint of another S3; the embedded one if it is missing. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly createdMs: number;
  /** The list log's lines have been seen in the object. */
  readonly written: boolean;
}
