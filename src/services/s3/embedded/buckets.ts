import type { Clock } from '../../../support/clock.ts';
import { bucketAlreadyOwnedByYou, bucketNotEmpty, invalidBucketName, noSuchBucket } from '../errors.ts';
import type { BucketInfo } from './bucket-info.ts';
import { isMissing, systemCode } from './files.ts';
import type { ObjectFiles } from './object-files.ts';

/** The buckets: a row in the engine and a folder each. */
export class Buckets {
  readonly #objects: ObjectFiles;
  readonly #clock: Clock;

  constructor(objects: ObjectFiles, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  get(bucket: string): BucketInfo | undefined {
    return this.#objects.index.bucket(bucket);
  }

  /** Throws NoSuchBucket. */
  require(bucket: string): BucketInfo {
    const info = this.get(bucket);
    if (info === undefined) throw noSuchBucket(bucket);
    return info;
  }

  /** Throws NoSuchBucket. */
  async change(bucket: string, change: (info: BucketInfo) => BucketInfo): Promise<void> {
    await this.#objects.withoutWrites(bucket, async () => {
      await this.#objects.index.putBucket(bucket, change(this.require(bucket)));
    });
  }

  /** Ordered by name. */
  list(): (readonly [name: string, info: BucketInfo])[] {
    return [...this.#objects.index.buckets()];
  }

  /** Throws InvalidBucketName, BucketAlreadyOwnedByYou. */
  async create(bucket: string, info: Omit<BucketInfo, 'createdMs'> = {}): Promise<void> {
    checkBucketName(bucket);
    const { files, layout, index } = this.#objects;
    await this.#objects.withoutWrites(bucket, async () => {
      if (this.get(bucket) !== undefined) throw bucketAlreadyOwnedByYou(bucket);
      await files.mkdir(layout.bucketFolder(bucket));
      await files.syncFolder(layout.root);
      await index.putBucket(bucket, { createdMs: this.#clock.now(), ...info });
    });
  }

  /** Throws NoSuchBucket, BucketNotEmpty. Files that belong to no object are kept. */
  async delete(bucket: string): Promise<void> {
    const { files, layout, index } = this.#objects;
    await this.#objects.withoutWrites(bucket, async () => {
      if (this.get(bucket) === undefined) throw noSuchBucket(bucket);
      for await (const _object of index.scan(bucket)) throw bucketNotEmpty(bucket);
      await index.deleteBucket(bucket);
      await files.rmdir(layout.bucketFolder(bucket)).catch((error: unknown) => {
        if (!isMissing(error) && !['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
      });
    });
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
/** Throws InvalidBucketName. */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalidBucketName(name);
}

function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}
