/** Objects of a bucket. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** What takes the records of a stream, or direct puts, somewhere else by itself. */
export interface DeliveryRow {
  readonly kind: 'delivery stream' | 'channel' | 'list log';
  readonly name: string;
  readonly arn: string;
  readonly state: string;
  /** Undefined for direct puts. */
  readonly stream: string | undefined;
  readonly target: string;
  readonly place: ObjectPlace | undefined;
  /** Records that are not delivered yet. */
  readonly waiting: number | undefined;
  /** The age of the oldest of them. */
  readonly behindMs: number | undefined;
  /** How long records wait so that more arrive for the same object. */
  readonly bufferMs: number;
  readonly failure: { readonly reason: string; readonly sinceMs: number | undefined } | undefined;
  /** Records that were given up: since the server started, or, for lines without their format, ever. */
  readonly refused: Refused | undefined;
  /** Of a list log. */
  readonly lines: number | undefined;
}

export interface Refused {
  readonly records: number;
  readonly last: string;
  readonly place: ObjectPlace | undefined;
}

/** Calls an operation as the caller. */
export type Ask = <Output>(service: string, name: string, input: object) => Promise<Output | undefined>;

/** The prefix up to its first expression. */
export function placeOf(bucketArn: string | undefined, prefix = ''): ObjectPlace | undefined {
  if (bucketArn === undefined) return undefined;
  return { bucket: bucketArn.slice(bucketArn.lastIndexOf(':') + 1), prefix: prefix.split('!{')[0] ?? '' };
}

/** The name in the ARN of a stream, or a name itself. */
export function streamIn(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf('/') + 1);
}
