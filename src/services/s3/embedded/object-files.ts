import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { limits } from '../../../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Log } from '../../../support/log.ts';
import { noSpaceLeft, noSuchBucket } from '../errors.ts';
import { applyChange, writeFile } from './apply.ts';
import { Checkpoints } from './checkpoints.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { receive, writeAll, type Content } from './content.ts';
import { isMissing, isNoSpace, type Files } from './files.ts';
import type { Change, Journal } from './journal.ts';
import type { Layout } from './layout.ts';
import { metaText, parseMeta, type ObjectMeta } from './object-meta.ts';
import type { Reserve } from './reserve.ts';

/** What a writer says of a new object; the rest follows from its content. */
export type NewMeta = Pick<ObjectMeta, 'headers' | 'metadata' | 'checksum' | 'partSizes'> & {
  /** Without it: the content's MD5. */
  readonly etag?: string;
};

/** Sees the object as it is when the write is about to happen, and throws when it may not. */
export type WriteCheck = (current: ObjectMeta | undefined) => void;

export interface ObjectFilesParts {
  readonly layout: Layout;
  readonly files: Files;
  readonly journal: Journal;
  readonly reserve: Reserve;
  readonly clock: Clock;
  readonly log: Log;
  /** Buckets that exist; kept by buckets.ts. */
  readonly buckets: ReadonlyMap<string, unknown>;
}

/**
 * Objects in files, strongly consistent: content and metadata change together, when the change is durable in the
 * journal, for all readers at once. Order of a write: content and metadata are staged, the change is flushed with
 * the journal (the moment of truth), then two renames show it; a crash anywhere leaves the old or the new object.
 * docs/objects.md tells the whole.
 */
export class ObjectFiles {
  readonly layout: Layout;
  readonly files: Files;
  readonly locks = new KeyedLock();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #buckets: ReadonlyMap<string, unknown>;
  readonly #checkpoints: Checkpoints;
  readonly #reserve: Reserve;
  /** Durable changes that the files do not show yet, because a rename or the like failed. */
  readonly #unfinished = new Map<string, Change>();
  readonly #session = randomBytes(6).toString('hex');
  #generations = 0;

  constructor(parts: ObjectFilesParts) {
    this.layout = parts.layout;
    this.files = parts.files;
    this.#journal = parts.journal;
    this.#clock = parts.clock;
    this.#buckets = parts.buckets;
    this.#reserve = parts.reserve;
    this.#checkpoints = new Checkpoints(parts.journal, parts.files, parts.clock, parts.log, async () => {
      await this.#finishAll();
      await this.#reserve.keep();
    });
  }

  /** A name never used before, for a staged file, an upload or a version of an object. */
  newGeneration(): string {
    return `${this.#session}-${++this.#generations}`;
  }

  requireBucket(bucket: string): void {
    if (!this.#buckets.has(bucket)) throw noSuchBucket(bucket);
  }

  /** Undefined when there is no such object. Throws NoSuchBucket. */
  async head(bucket: string, key: string): Promise<ObjectMeta | undefined> {
    this.requireBucket(bucket);
    await this.#finish(bucket, key);
    return await this.#readMeta(bucket, key);
  }

  /** Metadata and content of one moment. The caller closes the file; only its first `meta.sizeBytes` bytes count. */
  async open(bucket: string, key: string): Promise<{ meta: ObjectMeta; file: FileHandle } | undefined> {
    this.requireBucket(bucket);
    await this.#finish(bucket, key);
    return await this.locks.shared(lookName(bucket, key), async () => {
      const meta = await this.#readMeta(bucket, key);
      if (meta === undefined) return undefined;
      return { meta, file: await this.files.open(this.layout.data(bucket, key), 'r') };
    });
  }

  /** Takes in a body; `discard` it, or give it to `put`. Errors of the disk come as InternalError. */
  async receive(
    body: AsyncIterable<Uint8Array>,
    algorithms: Iterable<ChecksumAlgorithm>,
    bytesMax: number,
  ): Promise<Content> {
    const generation = this.newGeneration();
    const path = this.layout.stagedData(generation);
    return await receive(this.files, path, generation, body, algorithms, bytesMax).catch(rethrow);
  }

  /** For content that was not given to `put`. */
  async discard(content: Content): Promise<void> {
    await this.files.rm(this.layout.stagedData(content.generation), { force: true });
  }

  /** Makes `content` the object, whatever happens to it: the content is used up. */
  async put(
    bucket: string,
    key: string,
    content: Content,
    meta: NewMeta,
    check: WriteCheck,
    uploadId?: string,
  ): Promise<ObjectMeta> {
    const { generation } = content;
    try {
      return await this.#write(bucket, key, async (current) => {
        check(current);
        const written: ObjectMeta = {
          key,
          sizeBytes: content.sizeBytes,
          etag: meta.etag ?? content.md5,
          modifiedMs: this.#clock.now(),
          generation,
          headers: meta.headers,
          metadata: meta.metadata,
          ...(meta.checksum === undefined ? {} : { checksum: meta.checksum }),
          ...(meta.partSizes === undefined ? {} : { partSizes: meta.partSizes }),
        };
        if (content.bytes !== undefined) {
          await writeFile(this.files, this.layout.stagedData(generation), content.bytes);
        }
        await this.#commit({
          type: 'put',
          bucket,
          key,
          generation,
          meta: metaText(written),
          ...(content.bytes === undefined ? {} : { bytes: content.bytes }),
          ...(uploadId === undefined ? {} : { uploadId }),
        });
        return written;
      });
    } catch (error) {
      await this.#unstage(generation);
      throw error;
    }
  }

  /**
   * Adds bytes to an object in place, so that only they are written; readers who have it open keep what they saw.
   * Its ETag becomes a chain, `md5(etag before, md5 of the bytes)-<number of writes>`: opaque, as S3 allows.
   */
  async append(
    bucket: string,
    key: string,
    bytes: Uint8Array,
    meta: { readonly metadata: Readonly<Record<string, string>> },
    check: WriteCheck,
  ): Promise<ObjectMeta> {
    const generation = this.newGeneration();
    return await this.#write(bucket, key, async (current) => {
      check(current);
      if (current === undefined) throw new Error('append needs a check that refuses an absent object');
      const offset = current.sizeBytes;
      const written: ObjectMeta = {
        key,
        sizeBytes: offset + bytes.length,
        etag: chainedEtag(current.etag, bytes),
        modifiedMs: this.#clock.now(),
        generation,
        headers: current.headers,
        metadata: meta.metadata,
      };
      const inline = bytes.length <= limits.objectAppendBytesMax;
      try {
        // A replay must not lay content that the journal has under bytes that it has not.
        if (!inline) await this.#checkpoints.now();
        await extend(this.files, this.layout.data(bucket, key), offset, bytes, !inline);
        await this.#commit({
          type: 'append',
          bucket,
          key,
          generation,
          meta: metaText(written),
          offset,
          ...(inline ? { bytes } : {}),
        });
      } catch (error) {
        await this.#unstage(generation);
        throw error;
      }
      return written;
    });
  }

  /** False when there was nothing to delete. */
  async delete(bucket: string, key: string, check: WriteCheck): Promise<boolean> {
    return await this.#write(bucket, key, async (current) => {
      check(current);
      if (current === undefined) return false;
      await this.#reserve.use(() => this.#commit({ type: 'delete', bucket, key }));
      return true;
    });
  }

  /** Runs `work` while no object of the bucket is written: for its deletion. */
  async withoutWrites<Result>(bucket: string, work: () => Promise<Result>): Promise<Result> {
    return await this.locks.exclusive(bucketName(bucket), work);
  }

  async close(): Promise<void> {
    await this.#checkpoints.close();
    await this.#journal.close();
  }

  async #write<Result>(
    bucket: string,
    key: string,
    work: (current: ObjectMeta | undefined) => Promise<Result>,
  ): Promise<Result> {
    return await this.locks.shared(bucketName(bucket), () =>
      this.locks.exclusive(writeName(bucket, key), async () => {
        try {
          return await work(await this.head(bucket, key));
        } catch (error) {
          return rethrow(error);
        }
      }),
    );
  }

  async #commit(change: Change): Promise<void> {
    if (change.type !== 'delete') {
      await writeFile(this.files, this.layout.stagedMeta(change.generation), Buffer.from(change.meta));
    }
    const { bucket, key } = change;
    await this.#checkpoints.during(async (touched) => {
      await this.#journal.append(change);
      await this.locks.exclusive(lookName(bucket, key), async () => {
        try {
          await applyChange(this.layout, this.files, change, touched);
        } catch (error) {
          this.#unfinished.set(lookName(bucket, key), change);
          throw error;
        }
      });
    });
  }

  /** Shows a change that is durable and could not be shown before anybody looks at the object again. */
  async #finish(bucket: string, key: string): Promise<void> {
    const name = lookName(bucket, key);
    if (!this.#unfinished.has(name)) return;
    await this.#checkpoints.during((touched) =>
      this.locks.exclusive(name, async () => {
        const change = this.#unfinished.get(name);
        if (change === undefined) return;
        await applyChange(this.layout, this.files, change, touched);
        this.#unfinished.delete(name);
      }),
    );
  }

  async #finishAll(): Promise<void> {
    for (const change of this.#unfinished.values()) await this.#finish(change.bucket, change.key);
  }

  /** Removes what a failed write staged, unless it may be durable all the same and needs it. */
  async #unstage(generation: string): Promise<void> {
    if (this.#journal.broken) return;
    for (const change of this.#unfinished.values()) {
      if (change.type !== 'delete' && change.generation === generation) return;
    }
    await this.files.rm(this.layout.stagedData(generation), { force: true }).catch(() => undefined);
    await this.files.rm(this.layout.stagedMeta(generation), { force: true }).catch(() => undefined);
  }

  async #readMeta(bucket: string, key: string): Promise<ObjectMeta | undefined> {
    const path = this.layout.meta(bucket, key);
    try {
      return parseMeta(await this.files.readFile(path), path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/** Written past what the metadata covers: nobody sees it before the change is durable. */
async function extend(
  files: Files,
  path: string,
  offset: number,
  bytes: Uint8Array,
  flushed: boolean,
): Promise<void> {
  const file = await files.open(path, 'r+');
  try {
    // A crash between these bytes and their commit leaves them behind the end.
    if ((await file.stat()).size > offset) await file.truncate(offset);
    try {
      await writeAll(file, bytes, offset);
      if (flushed) await file.datasync();
    } catch (error) {
      await file.truncate(offset);
      throw error;
    }
  } finally {
    await file.close();
  }
}

export function chainedEtag(before: string, bytes: Uint8Array): string {
  const [digest = '', count = '1'] = before.split('-');
  const chain = createHash('md5')
    .update(Buffer.from(digest, 'hex'))
    .update(createHash('md5').update(bytes).digest());
  return `${chain.digest('hex')}-${Number(count) + 1}`;
}

function rethrow(error: unknown): never {
  if (isNoSpace(error)) throw noSpaceLeft();
  throw error;
}

// A bucket's name has no blank, so these names never meet.
const bucketName = (bucket: string): string => `bucket ${bucket}`;
const writeName = (bucket: string, key: string): string => `write ${bucket} ${key}`;
const lookName = (bucket: string, key: string): string => `look ${bucket} ${key}`;
