import type { StartingPosition } from '../../consumers/source.ts';

/** A list log as the catalog keeps it (table `listlog.logs`, by name). */
export interface ListLogRow {
  readonly name: string;
  /** Differs between list logs of one name made one after the other; stands in the object. */
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
  /** Of another S3; the embedded one without it. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly createdMs: number;
  /** Its lines have been seen in the object. */
  readonly written: boolean;
}
