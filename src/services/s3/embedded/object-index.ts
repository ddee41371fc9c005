import type { Table, Transaction } from '../../../engine/catalog.ts';
import type { AppendBatch, Engine } from '../../../engine/engine.ts';
import { rewriteRows } from '../../../engine/rewrite-rows.ts';
import type { DiskTable } from '../../../engine/tables.ts';
import { BlockSums, groupCount, type Sums } from './block-sums.ts';
import type { BucketInfo } from './bucket-info.ts';
import type { ObjectMeta, ObjectRow } from './object-meta.ts';
import { putOutcome, type StoredOutcome, type OutcomeEntry } from './outcomes.ts';
import { UploadList } from './upload-list.ts';
import type { UploadedPart, Upload } from './upload.ts';

/** Facts about the whole store; `format.json` repeats them beside the files. */
export interface StoreRow {
  readonly id: string;
  readonly foldSafe: boolean;
  /** The engine's content log, see content-log.ts. */
  readonly log: number;
}

export const STORE_TABLE = 's3.store';
export const STORE_KEY = 'store';

/** A new version of an object. */
export interface ObjectPut {
  readonly bucket: string;
  readonly meta: ObjectMeta;
  /** Sums of the groups completed since `firstGroup`; earlier ones are stored already. */
  readonly groups: readonly string[];
  readonly firstGroup: number;
  /** The object that it replaces; undefined for an append to the same content. */
  readonly replaces: ObjectMeta | undefined;
  /** The multipart upload that it completes. */
  readonly uploadId?: string | undefined;
  /** Stored for clients that repeat the call. */
  readonly outcome?: OutcomeEntry | undefined;
}

/**
 * All metadata of buckets, objects and uploads: tables of the engine, which verifies them when reading. Data that may
 * outgrow memory is in disk tables. Only this class knows how it is stored. Reads see durable data.
 */
export class ObjectIndex {
  readonly #engine: Engine;
  readonly #objects: DiskTable<ObjectRow>;
  readonly #groups: DiskTable<{ readonly sums: string }>;
  readonly #buckets: Table<BucketInfo>;
  readonly #uploads: Table<Upload>;
  /** The same uploads, in the order of lists. */
  readonly #listed: UploadList;
  readonly #parts: DiskTable<UploadedPart>;
  readonly #outcomes: Table<StoredOutcome>;
  readonly #store: Table<StoreRow>;

  constructor(engine: Engine) {
    this.#engine = engine;
    const { catalog, tables } = engine;
    this.#objects = tables.open('s3.objects');
    this.#groups = tables.open('s3.sums');
    this.#buckets = catalog.table('s3.buckets');
    this.#uploads = catalog.table('s3.uploads');
    this.#listed = new UploadList(this.uploads());
    this.#parts = tables.open('s3.parts');
    this.#outcomes = catalog.table('s3.outcomes');
    this.#store = catalog.table(STORE_TABLE);
  }

  /** Changes the stored keys of all contents; undefined leaves one as it is. Resolves with the number of changes. */
  async rewrapKeys(rewrap: (wrapped: string) => Promise<string | undefined>): Promise<number> {
    const change = async <Row extends { readonly encryption?: string }>(
      row: Row,
    ): Promise<Row | undefined> => {
      const encryption = row.encryption === undefined ? undefined : await rewrap(row.encryption);
      return encryption === undefined ? undefined : { ...row, encryption };
    };
    const objects = await rewriteRows(this.#engine, this.#objects, change);
    return objects + (await rewriteRows(this.#engine, this.#parts, change));
  }

  /** Undefined in a store that is new or of an earlier version. */
  store(): StoreRow | undefined {
    return this.#store.get(STORE_KEY);
  }

  /** Writing the same row again is harmless. It also determines whether an earlier failed commit took effect. */
  async putStore(row: StoreRow): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#store, STORE_KEY, row));
  }

  async get(bucket: string, key: string): Promise<ObjectMeta | undefined> {
    const row = await this.#objects.get(rowKey(bucket, key));
    return row === undefined ? undefined : { ...row, key };
  }

  /** Undefined for an object without sums: taken over by an upgrade and not scrubbed yet. */
  async sumsOf(meta: ObjectMeta): Promise<BlockSums | undefined> {
    const sums = await this.storedSums(meta);
    return sums === undefined ? undefined : new BlockSums(sums);
  }

  async storedSums(meta: ObjectMeta): Promise<Sums | undefined> {
    if (meta.sums === undefined) return undefined;
    const groups: string[] = [];
    const count = groupCount(meta.sizeBytes);
    if (count > 0) {
      const range = { prefix: `${meta.content}/`, limit: count };
      for await (const [, { sums }] of this.#groups.entries(range)) groups.push(sums);
    }
    return { groups, tail: meta.sums };
  }

  /** Yields objects in the order of their keys' UTF-8 bytes: those with `prefix`, starting at `from`. */
  async *scan(
    bucket: string,
    { prefix = '', from = '' }: { readonly prefix?: string; readonly from?: string } = {},
  ): AsyncGenerator<ObjectMeta, void, undefined> {
    const range = { prefix: rowKey(bucket, prefix), from: rowKey(bucket, from) };
    for await (const [key, row] of this.#objects.entries(range)) {
      yield { ...row, key: key.slice(bucket.length + 1) };
    }
  }

  /** Resolves with the index of the batch's first record, when it is durable. Throws the errors of Engine.commit. */
  async put(put: ObjectPut, batch: AppendBatch): Promise<number> {
    const { bucket, meta, replaces, uploadId } = put;
    const { key, ...row } = meta;
    const parts = uploadId === undefined ? [] : await this.parts(uploadId);
    const upload = uploadId === undefined ? undefined : this.upload(uploadId);
    const firstIndex = await this.#commit(batch, (transaction) => {
      if (replaces !== undefined) this.#dropGroups(transaction, replaces);
      transaction.put(this.#objects, rowKey(bucket, key), row);
      for (const [n, sums] of put.groups.entries()) {
        transaction.put(this.#groups, groupKey(meta.content, put.firstGroup + n), { sums });
      }
      if (uploadId !== undefined) this.#dropUpload(transaction, uploadId, parts);
      if (put.outcome !== undefined) putOutcome(transaction, this.#outcomes, put.outcome);
    });
    if (upload !== undefined) this.#listed.remove(upload);
    return firstIndex;
  }

  /** Changes an object's row without its content. */
  async putMeta(bucket: string, meta: ObjectMeta): Promise<void> {
    await this.importRows({ objects: [{ bucket, meta }] });
  }

  /** Without a batch it works on a full disk. */
  async delete(
    bucket: string,
    meta: ObjectMeta,
    batch?: AppendBatch,
    outcome?: OutcomeEntry,
  ): Promise<number> {
    return await this.#commit(batch, (transaction) => {
      this.#dropGroups(transaction, meta);
      transaction.delete(this.#objects, rowKey(bucket, meta.key));
      if (outcome !== undefined) putOutcome(transaction, this.#outcomes, outcome);
    });
  }

  /** Adds sums to an object that had none, or replaces the current ones. */
  async putSums(bucket: string, meta: ObjectMeta, sums: Sums): Promise<void> {
    await this.#engine.catalog.commit((transaction) => {
      const { key, ...row } = meta;
      transaction.put(this.#objects, rowKey(bucket, key), { ...row, sums: sums.tail });
      for (const [n, group] of sums.groups.entries()) {
        transaction.put(this.#groups, groupKey(meta.content, n), { sums: group });
      }
    });
  }

  /** Imports many rows of an earlier version at once; an interrupted upgrade writes them again. */
  async importRows(rows: {
    readonly objects?: readonly { readonly bucket: string; readonly meta: ObjectMeta }[];
    readonly buckets?: readonly (readonly [string, BucketInfo])[];
    readonly uploads?: readonly { readonly upload: Upload; readonly parts: readonly UploadedPart[] }[];
  }): Promise<void> {
    await this.#engine.catalog.commit((transaction) => {
      for (const [name, info] of rows.buckets ?? []) transaction.put(this.#buckets, name, info);
      for (const { bucket, meta } of rows.objects ?? []) {
        const { key, ...row } = meta;
        transaction.put(this.#objects, rowKey(bucket, key), row);
      }
      for (const { upload, parts } of rows.uploads ?? []) {
        transaction.put(this.#uploads, upload.id, upload);
        for (const part of parts) transaction.put(this.#parts, partKey(upload.id, part.number), part);
      }
    });
    for (const { upload } of rows.uploads ?? []) this.#listed.add(upload);
  }

  /** Ordered by name. */
  *buckets(): Generator<readonly [name: string, facts: BucketInfo], void, undefined> {
    yield* this.#buckets.entries();
  }

  bucket(name: string): BucketInfo | undefined {
    return this.#buckets.get(name);
  }

  async putBucket(name: string, info: BucketInfo): Promise<void> {
    await this.importRows({ buckets: [[name, info]] });
  }

  async deleteBucket(name: string): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.delete(this.#buckets, name));
  }

  upload(id: string): Upload | undefined {
    return this.#uploads.get(id);
  }

  get uploadCount(): number {
    return this.#uploads.size;
  }

  /** In no particular order. */
  *uploads(): Generator<Upload, void, undefined> {
    for (const [, upload] of this.#uploads.entries()) yield upload;
  }

  /** Those of a bucket, in the order of lists. */
  get listedUploads(): Pick<UploadList, 'all' | 'page'> {
    return this.#listed;
  }

  /** Ordered by number. */
  async parts(uploadId: string): Promise<UploadedPart[]> {
    const parts: UploadedPart[] = [];
    for await (const [, part] of this.#parts.entries({ prefix: `${uploadId}/` })) parts.push(part);
    return parts;
  }

  async part(uploadId: string, number: number): Promise<UploadedPart | undefined> {
    return await this.#parts.get(partKey(uploadId, number));
  }

  async putUpload(upload: Upload): Promise<void> {
    await this.importRows({ uploads: [{ upload, parts: [] }] });
  }

  async putPart(uploadId: string, part: UploadedPart): Promise<void> {
    await this.#engine.catalog.commit((transaction) =>
      transaction.put(this.#parts, partKey(uploadId, part.number), part),
    );
  }

  async deletePart(uploadId: string, number: number): Promise<void> {
    await this.#engine.catalog.commit((transaction) =>
      transaction.delete(this.#parts, partKey(uploadId, number)),
    );
  }

  async deleteUpload(id: string, outcome?: OutcomeEntry): Promise<void> {
    const parts = await this.parts(id);
    const upload = this.upload(id);
    await this.#engine.catalog.commit((transaction) => {
      this.#dropUpload(transaction, id, parts);
      if (outcome !== undefined) putOutcome(transaction, this.#outcomes, outcome);
    });
    if (upload !== undefined) this.#listed.remove(upload);
  }

  /** The outcome of a call that was answered before, by the id of its entry. */
  outcome(id: string): StoredOutcome | undefined {
    return this.#outcomes.get(id);
  }

  async #commit(batch: AppendBatch | undefined, change: (transaction: Transaction) => void): Promise<number> {
    const { batches } = await this.#engine.commit({ batches: batch === undefined ? [] : [batch], change });
    return batches[0]?.firstIndex ?? 0;
  }

  #dropGroups(transaction: Transaction, { content, sizeBytes, sums }: ObjectMeta): void {
    if (sums === undefined) return;
    for (let n = 0; n < groupCount(sizeBytes); n++) transaction.delete(this.#groups, groupKey(content, n));
  }

  #dropUpload(transaction: Transaction, id: string, parts: readonly UploadedPart[]): void {
    transaction.delete(this.#uploads, id);
    for (const { number } of parts) transaction.delete(this.#parts, partKey(id, number));
  }
}

/** A position after all keys with the prefix, from which to continue. */
export const behindPrefix = (prefix: string): string => `${prefix}\u{10ffff}\u{10ffff}`;

const groupKey = (content: string, group: number): string => `${content}/${String(group).padStart(8, '0')}`;
const partKey = (uploadId: string, number: number): string =>
  `${uploadId}/${String(number).padStart(5, '0')}`;

/**
 * Bucket names contain no slash, so the rows of a bucket are adjacent; rows are ordered by UTF-8 bytes, as in S3's
 * lists.
 */
const rowKey = (bucket: string, key: string): string => `${bucket}/${key}`;
