import { randomBytes } from 'node:crypto';
import { EngineBusyError } from '../../../engine/engine.ts';
import { isNoSpace } from '../../../errors.ts';
import type { Clock } from '../../../support/clock.ts';
import type { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Log } from '../../../support/log.ts';
import type { ContentLog, FileChange } from './content-log.ts';
import type { Files } from './files.ts';
import type { Layout } from './layout.ts';
import type { ObjectIndex, ObjectPut, StoreRow } from './object-index.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { OutcomeEntry } from './outcomes.ts';
import type { Placing } from './placing.ts';
import { remakeFile } from './restoring.ts';
import { Settling, type Unsettled } from './settling.ts';

export interface ObjectCommitsDependencies {
  readonly layout: Layout;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly contents: ContentLog;
  readonly placing: Placing;
  readonly store: StoreRow;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Turns a staged content into an object: one commit of the engine stores the object's row and, when it is small, its
 * bytes; a rename makes it visible. Until then readers see the previous object. Callers ensure that nothing else writes
 * the same object meanwhile.
 */
export class ObjectCommits {
  readonly layout: Layout;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly settling: Settling;
  readonly #locks: KeyedLock;
  readonly #contents: ContentLog;
  readonly #placing: Placing;
  readonly #store: StoreRow;
  readonly #log: Log;
  /** Objects with a commit in progress or a pending rename, as readers see them until then. */
  readonly #before = new Map<string, ObjectMeta | undefined>();
  /** Objects whose row is durable but whose file could not be moved to its place. */
  readonly #unplaced = new Map<string, Unsettled>();
  /** Staged by commits that failed: after a power failure they may turn out to be durable. */
  readonly #doubtful = new Set<string>();
  readonly #session = randomBytes(6).toString('hex');
  #generations = 0;

  constructor(dependencies: ObjectCommitsDependencies, locks: KeyedLock) {
    this.layout = dependencies.layout;
    this.files = dependencies.files;
    this.index = dependencies.index;
    this.#locks = locks;
    this.#contents = dependencies.contents;
    this.#placing = dependencies.placing;
    this.#store = dependencies.store;
    this.#log = dependencies.log;
    this.settling = new Settling({
      ...dependencies,
      remake: (unsettled) => this.#remake(unsettled),
      withoutWrites: ({ bucket, key }, work) => locks.exclusive(writeName(bucket, key), work),
    });
  }

  /** A unique name for a staged file, an upload or a version of an object. */
  newGeneration(): string {
    return `${this.#session}-${++this.#generations}`;
  }

  /** Runs `work` while the object that it sees keeps its file. */
  async looking<Result>(
    bucket: string,
    key: string,
    work: (meta: ObjectMeta | undefined) => Promise<Result>,
  ): Promise<Result> {
    await this.placeLate(bucket, key);
    return await this.#locks.shared(lookName(bucket, key), async () => work(await this.seen(bucket, key)));
  }

  /** The object as readers see it; pass its `row` if it is known. */
  async seen(bucket: string, key: string, row?: ObjectMeta): Promise<ObjectMeta | undefined> {
    const found = row ?? (await this.index.get(bucket, key));
    // Look it up after reading the row: a row that a commit made durable meanwhile is not visible yet.
    const name = lookName(bucket, key);
    return this.#before.has(name) ? this.#before.get(name) : found;
  }

  /** Makes one commit of the engine, followed by the rename that makes it visible. */
  async commit(
    put: ObjectPut,
    current: ObjectMeta | undefined,
    change: FileChange,
    bytes: Uint8Array | undefined,
  ): Promise<void> {
    const { bucket, key, content } = change;
    const name = lookName(bucket, key);
    await this.settling.during(async () => {
      this.#before.set(name, current);
      let firstIndex: number;
      try {
        firstIndex = await this.index.put(put, this.#contents.batch(change, bytes));
      } catch (error) {
        this.#before.delete(name);
        if (!isNoSpace(error) && !(error instanceof EngineBusyError)) this.#doubtful.add(content);
        throw error;
      }
      const unsettled = { bucket, key, content, firstIndex };
      this.settling.note(unsettled, bytes?.length ?? 0);
      await this.#locks.exclusive(name, async () => {
        try {
          if (change.type === 'put') {
            await this.#placing.place(this.layout.staged(content), change, { isLogged: bytes !== undefined });
          }
        } catch (error) {
          this.#unplaced.set(name, { ...unsettled, isDistrusted: true });
          this.settling.distrust(unsettled);
          throw error;
        } finally {
          this.#before.delete(name);
        }
      });
      if (put.uploadId !== undefined) await this.#removeUpload(put.uploadId);
    });
  }

  /** Removes the row, then the file. */
  async delete(bucket: string, meta: ObjectMeta, outcome?: OutcomeEntry): Promise<void> {
    const { key, content } = meta;
    await this.settling.during(async () => {
      try {
        const batch = this.#contents.batch({ type: 'delete', bucket, key, content });
        const firstIndex = await this.index.delete(bucket, meta, batch, outcome);
        this.settling.note({ bucket, key, content, firstIndex }, 0);
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        // On a full disk nothing is logged: a crash may then leave a file that belongs to no object.
        await this.index.delete(bucket, meta);
      }
      await this.#removeFile(bucket, key);
    });
  }

  /** A write to the object's file failed for a reason other than a full disk: its current content cannot be trusted. */
  distrust(bucket: string, key: string, content: string): void {
    this.settling.distrust({ bucket, key, content, firstIndex: this.#contents.next });
  }

  /** Moves an object's file to its place after an earlier attempt failed. */
  async placeLate(bucket: string, key: string): Promise<void> {
    const name = lookName(bucket, key);
    if (!this.#unplaced.has(name)) return;
    await this.#locks.exclusive(remakeName(bucket, key), async () => {
      const unplaced = this.#unplaced.get(name);
      if (unplaced !== undefined) await this.#remakeFile(unplaced);
    });
  }

  /** One at a time: a reader, which does not block writers, must not finish after another reader and an append. */
  async #remake(unsettled: Unsettled): Promise<void> {
    const { bucket, key } = unsettled;
    await this.#locks.exclusive(remakeName(bucket, key), () => this.#remakeFile(unsettled));
  }

  /** Rewrites the file of a content from durable data, unless the object has been replaced. */
  async #remakeFile({ bucket, key, content }: Unsettled): Promise<void> {
    const name = lookName(bucket, key);
    const meta = await this.index.get(bucket, key);
    if (meta?.content !== content) return void this.#unplaced.delete(name);
    const pieces = [];
    for await (const logged of this.#contents.read()) {
      if (logged.change.content === content) pieces.push(logged);
    }
    const target = this.layout.staged(this.newGeneration());
    const object = { bucket, key };
    try {
      await remakeFile(this, { bucket, meta, pieces }, target);
      await this.#locks.exclusive(name, () => this.#placing.place(target, object, { isLogged: false }));
      await this.#placing.sync([object]);
    } catch (error) {
      await this.files.rm(target, { force: true }).catch(() => undefined);
      throw error;
    }
    this.#unplaced.delete(name);
    await this.files.rm(this.layout.staged(content), { force: true });
  }

  async #removeFile(bucket: string, key: string): Promise<void> {
    try {
      await this.#locks.exclusive(lookName(bucket, key), () => this.#placing.remove({ bucket, key }));
    } catch (error) {
      // The object is deleted nevertheless; the file belongs to no object.
      this.#log.warn({ err: error, bucket, key }, 'could not remove the file of a deleted object');
    }
  }

  /** The commit removed its rows; the next start removes what is left of the folder. */
  async #removeUpload(uploadId: string): Promise<void> {
    await this.files
      .rm(this.layout.upload(uploadId), { force: true, recursive: true })
      .catch((error: unknown) => this.#log.warn({ err: error }, 'could not remove the parts of an upload'));
  }

  /** A successful commit proves that failed ones before it are in no log. */
  async endDoubt(): Promise<void> {
    if (this.#doubtful.size === 0) return;
    const doubtful = [...this.#doubtful];
    await this.index.putStore(this.#store);
    for (const generation of doubtful) {
      this.#doubtful.delete(generation);
      await this.unstage(generation);
    }
  }

  /** Removes the staged file of a failed write, unless its commit may still turn out to be durable. */
  async unstage(generation: string): Promise<void> {
    if (this.#doubtful.has(generation)) return;
    for (const { content } of this.#unplaced.values()) if (content === generation) return;
    await this.files.rm(this.layout.staged(generation), { force: true }).catch(() => undefined);
  }
}

// Bucket names contain no blanks, so these names are unique.
export const writeName = (bucket: string, key: string): string => `write ${bucket} ${key}`;
const remakeName = (bucket: string, key: string): string => `remake ${bucket} ${key}`;
const lookName = (bucket: string, key: string): string => `look ${bucket} ${key}`;
