import type { Clock } from '../../../support/clock.ts';
import { bucketAlreadyOwnedByYou, bucketNotEmpty, invalidBucketName, noSuchBucket } from '../errors.ts';
import { writeFile } from './apply.ts';
import { isMissing, systemCode, type Files } from './files.ts';
import type { Layout } from './layout.ts';
import { hasObjects } from './listing.ts';
import type { ObjectFiles } from './object-files.ts';

export interface BucketFacts {
  readonly createdMs: number;
}

/** Which buckets there are: a small file each, and all of them in memory. */
export class Buckets {
  readonly #objects: ObjectFiles;
  readonly #buckets: Map<string, BucketFacts>;
  readonly #clock: Clock;

  constructor(objects: ObjectFiles, buckets: Map<string, BucketFacts>, clock: Clock) {
    this.#objects = objects;
    this.#buckets = buckets;
    this.#clock = clock;
  }

  static async load(layout: Layout, files: Files): Promise<Map<string, BucketFacts>> {
    const buckets = new Map<string, BucketFacts>();
    for (const name of await files.readdir(layout.buckets)) {
      if (!name.endsWith('.json')) continue;
      const bucket = name.slice(0, -'.json'.length);
      // Written by `create`, and whole: it gets its name only when it is flushed.
      const facts = JSON.parse(
        (await files.readFile(layout.bucketFile(bucket))).toString('utf8'),
      ) as BucketFacts;
      buckets.set(bucket, facts);
    }
    return buckets;
  }

  get(bucket: string): BucketFacts | undefined {
    return this.#buckets.get(bucket);
  }

  /** In the order of their names. */
  list(): (readonly [name: string, facts: BucketFacts])[] {
    return [...this.#buckets].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Throws InvalidBucketName, BucketAlreadyOwnedByYou. */
  async create(bucket: string): Promise<void> {
    checkBucketName(bucket);
    const { files, layout } = this.#objects;
    await this.#objects.withoutWrites(bucket, async () => {
      if (this.#buckets.has(bucket)) throw bucketAlreadyOwnedByYou(bucket);
      const facts: BucketFacts = { createdMs: this.#clock.now() };
      const staged = layout.stagedMeta(this.#objects.newGeneration());
      await writeFile(files, staged, Buffer.from(`${JSON.stringify(facts)}\n`));
      await files.syncFile(staged);
      await files.mkdir(layout.dataFolder(bucket));
      await files.mkdir(layout.metaFolder(bucket));
      await files.syncFolder(layout.root);
      await files.rename(staged, layout.bucketFile(bucket));
      await files.syncFolder(layout.buckets);
      this.#buckets.set(bucket, facts);
    });
  }

  /** Throws NoSuchBucket, BucketNotEmpty. Files that are nobody's objects stay where they are. */
  async delete(bucket: string): Promise<void> {
    const { files, layout } = this.#objects;
    await this.#objects.withoutWrites(bucket, async () => {
      if (!this.#buckets.has(bucket)) throw noSuchBucket(bucket);
      if (await hasObjects(files, layout.metaFolder(bucket))) throw bucketNotEmpty(bucket);
      await files.rm(layout.bucketFile(bucket), { force: true });
      await files.syncFolder(layout.buckets);
      this.#buckets.delete(bucket);
      await files.rm(layout.metaFolder(bucket), { force: true, recursive: true });
      await files.rmdir(layout.dataFolder(bucket)).catch((error: unknown) => {
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
