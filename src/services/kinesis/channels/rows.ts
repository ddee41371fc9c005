/** A channel in the catalog (table `kinesis.channels`, by id). Times are milliseconds since the epoch. */
export interface ChannelRow {
  /** A UUID; the last part of the ARN. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  /** When a status other than ACTIVE ends. */
  readonly dueMs?: number;
  /** Why the channel cannot deliver (status FAILED). */
  readonly failure?: string;
  readonly roleArn: string;
  readonly stream: {
    readonly id: string;
    readonly name: string;
    readonly arn: string;
    readonly createdMs: number;
  };
  readonly format: RecordFormat;
  readonly freshnessSeconds: number;
  readonly storage: {
    readonly bucket: string;
    readonly bucketArn: string;
    readonly bucketOwner: string;
    readonly keyTemplate: string;
    readonly compression: 'NONE' | 'GZIP' | 'ZSTD';
  };
  readonly deadLetters: {
    readonly bucket: string;
    readonly bucketArn: string;
    readonly bucketOwner: string;
    readonly prefix: string;
  };
  readonly logging: { readonly groupName: string; readonly streamName: string };
  readonly tags: Readonly<Record<string, string>>;
}

/** The formats for delivery to S3; GSR_JSON is for tables only. */
export type RecordFormat = 'JSON' | 'STRING' | 'BYTE_ARRAY';
