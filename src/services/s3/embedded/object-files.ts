import { isNoSpace } from '../../../errors.ts';
import { s3Limits } from '../limits.ts';
import { EngineBusyError } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Log } from '../../../support/log.ts';
import { noSpaceLeft, noSuchBucket, noSuchKey, objectDamaged, slowDown } from '../errors.ts';
import { AppendCipher } from './append-cipher.ts';
import { BlockSummer, groupCount } from './block-sums.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { ContentKeyError, type ContentKeys } from './content-cipher.ts';
import { receive, type Content } from './content.ts';
import { isMissing, writeAll, writeFile, type Files } from './files.ts';
import type { Layout } from './layout.ts';
import { ObjectCommits, writeName, type ObjectCommitsDependencies } from './object-commits.ts';
import type { ObjectIndex } from './object-index.ts';
import { appendedMeta, hasNone, metaOf, type NewMeta, type ObjectMeta } from './object-meta.ts';
import { openObject, withAppended, type OpenObject } from './open-object.ts';
import { deletionId, isCurrent, isRepeated, type OutcomeEntry } from './outcomes.ts';
import { DamagedContentError, type StoredContent } from './stored-content.ts';

/** Called with the current object just before the write; throws when the write is not allowed. */
export type WriteCheck = (current: ObjectMeta | undefined) => void;

export interface ObjectFilesDependencies extends ObjectCommitsDependencies {
  /** Counts contents that were found damaged. */
  readonly onDamage: (bucket: string) => void;
  readonly keys: ContentKeys;
}

/**
 * Objects: metadata in the engine's tables, contents in files, strongly consistent. A write stages the content; one
 * commit of the engine stores the object's row and, when it is small, its bytes; a rename makes it visible. Until then
 * readers see the previous object. See docs/objects.md.
 */
export class ObjectFiles {
  readonly layout: Layout;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly locks = new KeyedLock();
  readonly keys: ContentKeys;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onDamage: (bucket: string) => void;
  readonly #commits: ObjectCommits;
  readonly #appendCipher: AppendCipher;
  /** Called with each object before it is written. */
  readonly watchers = new Set<(bucket: string, key: string) => void>();

  constructor(dependencies: ObjectFilesDependencies) {
    this.layout = dependencies.layout;
    this.files = dependencies.files;
    this.index = dependencies.index;
    this.keys = dependencies.keys;
    this.#clock = dependencies.clock;
    this.#log = dependencies.log;
    this.#onDamage = dependencies.onDamage;
    this.#appendCipher = new AppendCipher(dependencies.keys);
    this.#commits = new ObjectCommits(dependencies, this.locks);
  }

  /** A unique name for a staged file, an upload or a version of an object. */
  newGeneration(): string {
    return this.#commits.newGeneration();
  }

  requireBucket(bucket: string): void {
    if (this.index.bucket(bucket) === undefined) throw noSuchBucket(bucket);
  }

  /** Undefined when the object does not exist. Throws NoSuchBucket. */
  async head(bucket: string, key: string): Promise<ObjectMeta | undefined> {
    this.requireBucket(bucket);
    await this.#commits.placeLate(bucket, key);
    return await this.#commits.seen(bucket, key);
  }

  /** Undefined when the object does not exist. Throws NoSuchBucket, DamagedDataError when its file is missing. */
  async open(bucket: string, key: string): Promise<OpenObject | undefined> {
    this.requireBucket(bucket);
    try {
      const opened = await this.openContent(bucket, key);
      return opened && (await this.#readable(bucket, opened));
    } catch (error) {
      throw error instanceof DamagedContentError ? this.damaged(bucket, key, error.message) : error;
    }
  }

  /** Like `open`, for checks: it and reading throw DamagedContentError. The caller closes the file. */
  async openContent(
    bucket: string,
    key: string,
  ): Promise<{ readonly meta: ObjectMeta; readonly content: StoredContent } | undefined> {
    return await this.#commits.looking(bucket, key, async (meta) => {
      if (meta === undefined) return undefined;
      const sums = await this.index.sumsOf(meta);
      const file = await this.files.open(this.layout.data(bucket, key), 'r').catch((error: unknown) => {
        throw isMissing(error) ? new DamagedContentError('its file is missing') : error;
      });
      return { meta, content: { file, sizeBytes: meta.sizeBytes, sums } };
    });
  }

  async #readable(
    bucket: string,
    { meta, content }: { readonly meta: ObjectMeta; readonly content: StoredContent },
  ): Promise<OpenObject> {
    const damaged = (what: string): Error => this.damaged(bucket, meta.key, what);
    if (meta.encryption === undefined) return openObject(meta, content, damaged);
    try {
      return openObject(meta, content, damaged, await this.keys.unwrap(meta.encryption));
    } catch (error) {
      await content.file.close();
      throw error instanceof ContentKeyError ? damaged(error.message) : error;
    }
  }

  /** Yields objects in the order of their keys' UTF-8 bytes, as readers see them. */
  async *scan(
    bucket: string,
    range: { readonly prefix?: string; readonly from?: string },
  ): AsyncGenerator<ObjectMeta, void, undefined> {
    for await (const meta of this.index.scan(bucket, range)) {
      const seen = await this.#commits.seen(bucket, meta.key, meta);
      if (seen !== undefined) yield seen;
    }
  }

  /** Logs and counts the damage; returns the error for the caller of the API. */
  damaged(bucket: string, key: string, what: string): Error {
    this.#log.error({ bucket, key, what }, 'an object is damaged and is not served');
    this.#onDamage(bucket);
    return objectDamaged(bucket, key);
  }

  /** Receives a body; pass the result to `discard` or `put`. Disk errors become InternalError. */
  async receive(
    body: AsyncIterable<Uint8Array>,
    algorithms: Iterable<ChecksumAlgorithm>,
    bytesMax: number,
    isEncrypted = false,
  ): Promise<Content> {
    const generation = this.newGeneration();
    const path = this.layout.staged(generation);
    const contentKey = isEncrypted ? await this.keys.make() : undefined;
    return await receive(this.files, path, generation, body, algorithms, bytesMax, contentKey).catch(rethrow);
  }

  /** Discards content that was not passed to `put`. */
  async discard(content: Content): Promise<void> {
    await this.#commits.unstage(content.generation);
  }

  /**
   * Makes `content` the object. The content is consumed even when this fails. A repeated call that has already written
   * the object writes nothing.
   */
  async put(
    bucket: string,
    key: string,
    content: Content,
    meta: NewMeta,
    check: WriteCheck,
    upload?: { readonly id: string; readonly outcome: OutcomeEntry },
  ): Promise<ObjectMeta> {
    return await this.#write(bucket, key, async (current) => {
      if (current !== undefined && isRepeated(current, content, meta)) {
        await this.#commits.unstage(content.generation);
        return current;
      }
      check(current);
      const written = metaOf(key, content, meta, this.#clock.now());
      await this.#commitPut(bucket, written, content, current, upload);
      return written;
    }).catch(async (error: unknown) => {
      await this.#commits.unstage(content.generation);
      throw error;
    });
  }

  /**
   * Appends bytes to an object in place, so that only they are written; readers that have it open see no change. Its
   * ETag becomes a chain, `md5(previous ETag, md5 of the bytes)-<number of writes>`: opaque, as S3 allows.
   */
  async append(
    bucket: string,
    key: string,
    bytes: Uint8Array,
    meta: { readonly metadata: Readonly<Record<string, string>> },
    check: WriteCheck,
  ): Promise<ObjectMeta> {
    return await this.#write(bucket, key, async (current) => {
      check(current);
      if (current === undefined) throw new Error('append needs a check that refuses an absent object');
      const written = appendedMeta(current, bytes, {
        modifiedMs: this.#clock.now(),
        generation: this.newGeneration(),
        metadata: meta.metadata,
      });
      if (this.#appendCipher.isFull(current)) return await this.#rewrite(bucket, current, bytes, written);
      const { encrypt, keyStreams } = await this.#appendCipher.begin(current);
      const appended = keyStreams === undefined ? written : { ...written, keyStreams };
      try {
        return await this.#append(bucket, current, encrypt(bytes), appended);
      } catch (error) {
        this.#appendCipher.abandon();
        throw error;
      }
    });
  }

  async #append(
    bucket: string,
    current: ObjectMeta,
    bytes: Uint8Array,
    appended: ObjectMeta,
  ): Promise<ObjectMeta> {
    const { key, content, sizeBytes: offset, sums: before } = current;
    const summer = before === undefined ? undefined : new BlockSummer({ sizeBytes: offset, tail: before });
    summer?.update(bytes);
    const { groups, tail } = summer?.finish() ?? { groups: [], tail: undefined };
    const written: ObjectMeta = tail === undefined ? appended : { ...appended, sums: tail };
    const isInline = bytes.length <= s3Limits.objectAppendBytesMax;
    // A restart applies logged changes on top of the file, so the file must be durable without bytes that the log
    // lacks.
    if (!isInline) await this.#commits.settling.settleOne(content);
    await this.#extend(bucket, key, content, { offset, bytes, isSynced: !isInline });
    const { sizeBytes } = written;
    await this.#commits.commit(
      { bucket, meta: written, groups, firstGroup: groupCount(offset), replaces: undefined },
      current,
      { type: 'append', bucket, key, content, offset, sizeBytes },
      isInline ? bytes : undefined,
    );
    return written;
  }

  /** Appends to an encrypted object by writing its content again, under a new key. */
  async #rewrite(
    bucket: string,
    current: ObjectMeta,
    bytes: Uint8Array,
    appended: ObjectMeta,
  ): Promise<ObjectMeta> {
    const { keyStreams: _streams, ...kept } = appended;
    const opened = await this.open(bucket, current.key);
    if (opened === undefined) throw noSuchKey(current.key);
    const content = await this.receive(withAppended(opened, bytes), [], Infinity, true);
    const { generation, encryption = '', sums } = content;
    const written = { ...kept, generation, content: generation, encryption, sums: sums.tail };
    try {
      await this.#commitPut(bucket, written, content, current);
      return written;
    } catch (error) {
      await this.#commits.unstage(generation);
      throw error;
    }
  }

  async #commitPut(
    bucket: string,
    meta: ObjectMeta,
    { generation, sizeBytes, bytes, sums: { groups } }: Content,
    current: ObjectMeta | undefined,
    upload?: { readonly id: string; readonly outcome: OutcomeEntry },
  ): Promise<void> {
    if (bytes !== undefined) await writeFile(this.files, this.layout.staged(generation), bytes);
    const { id: uploadId, outcome } = upload ?? {};
    await this.#commits.commit(
      { bucket, meta, groups, firstGroup: 0, replaces: current, uploadId, outcome },
      current,
      { type: 'put', bucket, key: meta.key, content: generation, sizeBytes },
      bytes,
    );
  }

  /** Throws NoSuchBucket, NoSuchKey. */
  async setTags(bucket: string, key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#write(bucket, key, async (current) => {
      if (current === undefined) throw noSuchKey(key);
      const { tags: _before, ...rest } = current;
      await this.index.putMeta(bucket, hasNone(tags) ? rest : { ...rest, tags });
    });
  }

  /** Returns false when there was nothing to delete. */
  async delete(bucket: string, key: string, check: WriteCheck, invocation?: string): Promise<boolean> {
    const id = invocation === undefined ? undefined : deletionId(invocation, bucket, key);
    return await this.#write(bucket, key, async (current) => {
      const atMs = this.#clock.now();
      const before = id === undefined ? undefined : this.index.outcome(id);
      if (current === undefined && before !== undefined && isCurrent(before, atMs)) return false;
      check(current);
      if (current === undefined) return false;
      const outcome: OutcomeEntry | undefined =
        id === undefined ? undefined : [id, { kind: 'deleted', bucket, key, atMs }];
      await this.#commits.delete(bucket, current, outcome);
      return true;
    });
  }

  /** Runs `work` while no object of the bucket is written, for its creation and deletion. */
  async withoutWrites<Result>(bucket: string, work: () => Promise<Result>): Promise<Result> {
    return await this.locks.shared('store', () => this.locks.exclusive(bucketName(bucket), work));
  }

  /** Runs `work` while nothing is written, for the last step of a backup. */
  async withoutAnyWrites<Result>(work: () => Promise<Result>): Promise<Result> {
    return await this.locks.exclusive('store', work);
  }

  /** Changes an object's row without its content, excluding other writers of the object. */
  async exclusively<Result>(
    bucket: string,
    key: string,
    work: (current: ObjectMeta | undefined) => Promise<Result>,
  ): Promise<Result> {
    return await this.#write(bucket, key, work);
  }

  /** Resolves when all changes are durable in the objects' files. Throws when a file could not be synced. */
  async settle(): Promise<void> {
    await this.#commits.settling.now();
  }

  async close(): Promise<void> {
    await this.#commits.settling.close();
  }

  async #write<Result>(
    bucket: string,
    key: string,
    work: (current: ObjectMeta | undefined) => Promise<Result>,
  ): Promise<Result> {
    return await this.locks.shared('store', () =>
      this.locks.shared(bucketName(bucket), () =>
        this.locks.exclusive(writeName(bucket, key), async () => {
          try {
            await this.#commits.endDoubt();
            const current = await this.head(bucket, key);
            for (const watch of this.watchers) watch(bucket, key);
            return await work(current);
          } catch (error) {
            return rethrow(error);
          }
        }),
      ),
    );
  }

  /** Writes beyond the end that the row states: invisible before the commit. */
  async #extend(
    bucket: string,
    key: string,
    content: string,
    { offset, bytes, isSynced }: { offset: number; bytes: Uint8Array; isSynced: boolean },
  ): Promise<void> {
    const path = this.layout.data(bucket, key);
    const file = await this.files.open(path, 'r+').catch((error: unknown) => {
      throw isMissing(error) ? this.damaged(bucket, key, 'its file is missing') : error;
    });
    try {
      const { size } = await file.stat();
      if (size < offset) throw this.damaged(bucket, key, `it ends at byte ${size} instead of ${offset}`);
      // A crash between such bytes and their commit leaves them after the end.
      if (size > offset) await file.truncate(offset);
      const distrust = (error: unknown): never => {
        if (!isNoSpace(error)) this.#commits.distrust(bucket, key, content);
        throw error;
      };
      try {
        await writeAll(file, bytes, offset).catch(distrust);
        const sync = (): Promise<void> => file.datasync().catch(distrust);
        if (isSynced) await this.#commits.settling.syncing({ bucket, key }, sync);
      } catch (error) {
        await file.truncate(offset);
        throw error;
      }
    } finally {
      await file.close();
    }
  }
}

function rethrow(error: unknown): never {
  if (isNoSpace(error)) throw noSpaceLeft();
  if (error instanceof EngineBusyError) throw slowDown();
  throw error;
}

// The names of objects' locks begin with other words.
const bucketName = (bucket: string): string => `bucket ${bucket}`;
