/** A channel in the catalog (table `kinesis.channels`, by id). Times are milliseconds since the epoch. */
export type ChannelRow = BucketChannelRow | TableChannelRow;

export interface BucketChannelRow extends CommonRow {
  readonly storage: Storage;
  readonly table?: undefined;
}

export interface TableChannelRow extends CommonRow {
  readonly table: ChannelTable;
  readonly storage?: undefined;
}

interface CommonRow {
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
  /** `nagare.yaml` declares it, without a role: no policies limit it. */
  readonly isUnlimited?: boolean;
  readonly stream: {
    readonly id: string;
    readonly name: string;
    readonly arn: string;
    readonly createdMs: number;
  };
  readonly format: RecordFormat;
  readonly freshnessSeconds: number;
  readonly deadLetters: {
    readonly bucket: string;
    readonly bucketArn: string;
    readonly bucketOwner: string;
    readonly prefix: string;
  };
  readonly logging: { readonly groupName: string; readonly streamName: string };
  readonly tags: Readonly<Record<string, string>>;
}

/** A general purpose bucket. */
export interface Storage {
  readonly bucket: string;
  readonly bucketArn: string;
  readonly bucketOwner: string;
  readonly keyTemplate: string;
  readonly compression: 'NONE' | 'GZIP' | 'ZSTD';
}

/** An Iceberg table of a catalog that `nagare.yaml` names by the ARN of a table bucket. */
export interface ChannelTable {
  readonly bucketArn: string;
  readonly namespace: string;
  readonly name: string;
  readonly compression: 'NONE' | 'ZSTD' | 'SNAPPY';
  /** The columns by whose hours the table is partitioned. */
  readonly hoursOf: readonly string[];
}

/** The formats for delivery to S3; GSR_JSON is for tables only. */
export type RecordFormat = 'JSON' | 'STRING' | 'BYTE_ARRAY';
