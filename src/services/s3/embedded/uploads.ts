import { createHash, randomBytes } from 'node:crypto';
import { s3Limits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import {
  conditionalRequestConflict,
  invalidRequest,
  noSuchKey,
  noSuchUpload,
  preconditionFailed,
} from '../errors.ts';
import { assemble } from './assemble.ts';
import { compositeChecksum } from './checksums.ts';
import type { Content } from './content.ts';
import { writeFile } from './files.ts';
import type { ObjectFiles, WriteCheck } from './object-files.ts';
import type { ObjectMeta, StoredChecksum } from './object-meta.ts';
import { isCurrent, type StoredOutcome } from './outcomes.ts';
import type { UploadPage, UploadQuery } from './upload-list.ts';
import type { UploadedPart, Upload } from './upload.ts';

export type CompletionCondition =
  | { readonly ifMatch: string }
  | { readonly ifNoneMatch: '*' }
  | 'unconditional';

export class Uploads {
  readonly #objects: ObjectFiles;
  readonly #clock: Clock;

  constructor(objects: ObjectFiles, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /** Removes files that belong to no upload or part: a crash left them before they were acknowledged. */
  async removeLeftovers(): Promise<void> {
    const { files, layout, index } = this.#objects;
    for (const id of await files.readdir(layout.uploads)) {
      if (index.upload(id) === undefined) {
        await files.rm(layout.upload(id), { force: true, recursive: true });
        continue;
      }
      const used = new Set((await index.parts(id)).map(({ file }) => file));
      for (const name of await files.readdir(layout.upload(id))) {
        if (!used.has(name)) await files.rm(`${layout.upload(id)}/${name}`, { force: true });
      }
    }
  }

  async create(meta: Omit<Upload, 'id' | 'initiatedMs' | 'baseGeneration'>): Promise<Upload> {
    const { files, layout, index } = this.#objects;
    const current = await this.#objects.head(meta.bucket, meta.key);
    if (index.uploadCount >= s3Limits.objectUploadsMax)
      throw invalidRequest('Too many multipart uploads are in progress');
    const upload: Upload = {
      ...meta,
      id: randomBytes(24).toString('hex'),
      initiatedMs: this.#clock.now(),
      ...(current === undefined ? {} : { baseGeneration: current.generation }),
    };
    await this.#writing(upload.id, async () => {
      await files.mkdir(layout.upload(upload.id));
      await files.syncFolder(layout.uploads);
      await index.putUpload(upload);
    });
    return upload;
  }

  /** Throws NoSuchUpload, also when the upload is for another object. */
  get(bucket: string, key: string, id: string): Upload {
    this.#objects.requireBucket(bucket);
    return this.#find(bucket, key, id);
  }

  /** The parts of an upload, ordered by number. Throws NoSuchUpload. */
  async parts(bucket: string, key: string, id: string): Promise<readonly UploadedPart[]> {
    return await this.#objects.index.parts(this.get(bucket, key, id).id);
  }

  /** A page of a bucket's uploads, ordered by key, then by start. */
  page(bucket: string, query: UploadQuery): UploadPage {
    this.#objects.requireBucket(bucket);
    return this.#objects.index.listedUploads.page(bucket, query);
  }

  /** Stores a part, replacing an earlier one of that number. The content is consumed. */
  async putPart(upload: Upload, number: number, content: Content): Promise<UploadedPart> {
    const { files, layout, index } = this.#objects;
    const { sizeBytes, sums } = content;
    const part: UploadedPart = {
      number,
      file: `${number}-${content.generation}`,
      sizeBytes,
      etag: content.md5,
      modifiedMs: this.#clock.now(),
      checksums: Object.fromEntries(content.checksums),
      sums,
      ...(content.encryption === undefined ? {} : { encryption: content.encryption }),
    };
    return await this.#writing(upload.id, async () => {
      try {
        this.#find(upload.bucket, upload.key, upload.id);
        const before = await index.part(upload.id, number);
        const folder = layout.upload(upload.id);
        const staged = layout.staged(content.generation);
        if (content.bytes !== undefined) {
          await writeFile(files, staged, content.bytes);
          await files.syncFile(staged);
        }
        await files.rename(staged, `${folder}/${part.file}`);
        await files.syncFolder(folder);
        await index.putPart(upload.id, part);
        if (before !== undefined) await files.rm(`${folder}/${before.file}`, { force: true });
        return part;
      } catch (error) {
        await this.#objects.discard(content);
        throw error;
      }
    });
  }

  /** Throws NoSuchUpload, unless an earlier attempt of this call has aborted the upload. */
  async abort(bucket: string, key: string, id: string, invocation?: string): Promise<void> {
    this.#objects.requireBucket(bucket);
    const before = this.#outcome(bucket, key, id, 'aborted');
    if (before !== undefined && invocation !== undefined && before.invocation === invocation) return;
    await this.#remove(bucket, key, id, invocation);
  }

  /** The object that a completed upload became, for a client that completes it again. */
  completed(bucket: string, key: string, id: string): StoredOutcome | undefined {
    this.#objects.requireBucket(bucket);
    return this.#outcome(bucket, key, id, 'completed');
  }

  #outcome(bucket: string, key: string, id: string, kind: StoredOutcome['kind']): StoredOutcome | undefined {
    const found = this.#objects.index.outcome(id);
    const isThis = found?.kind === kind && found.bucket === bucket && found.key === key;
    return isThis && isCurrent(found, this.#clock.now()) ? found : undefined;
  }

  /** Aborts all uploads of a deleted bucket. */
  async abortAll(bucket: string): Promise<void> {
    const { index } = this.#objects;
    for (const { key, id } of index.listedUploads.all(bucket)) {
      if (index.upload(id) !== undefined) await this.#remove(bucket, key, id);
    }
  }

  async #remove(bucket: string, key: string, id: string, invocation?: string): Promise<void> {
    const { files, layout, index } = this.#objects;
    await this.#writing(id, async () => {
      this.#find(bucket, key, id);
      const atMs = this.#clock.now();
      await index.deleteUpload(
        id,
        invocation === undefined ? undefined : [id, { kind: 'aborted', bucket, key, atMs, invocation }],
      );
      // The next start removes what is left of the folder.
      await files.rm(layout.upload(id), { force: true, recursive: true });
    });
  }

  /** Runs `work` while nothing else changes the upload. */
  async #writing<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const { locks } = this.#objects;
    // Lock in the same order as `complete`: the lock of the store last.
    return await locks.exclusive(`upload ${id}`, () => locks.shared('store', work));
  }

  /**
   * Assembles the object from the chosen parts, unless the condition fails. The caller checks the parts, and the
   * checksum before anything is written.
   */
  async complete(
    upload: Upload,
    choose: (parts: readonly UploadedPart[]) => readonly UploadedPart[],
    condition: CompletionCondition,
    verify: (checksum: StoredChecksum | undefined) => void = () => undefined,
  ): Promise<ObjectMeta> {
    return await this.#objects.locks.exclusive(`upload ${upload.id}`, async () => {
      const chosen = choose(await this.parts(upload.bucket, upload.key, upload.id));
      const check = completionCheck(upload, condition);
      check(await this.#objects.head(upload.bucket, upload.key)); // before the bytes are moved, and again afterwards
      const fullAlgorithm = upload.checksum?.type === 'FULL_OBJECT' ? upload.checksum.algorithm : undefined;
      const content = await assemble(this.#objects, upload, chosen, fullAlgorithm);
      const checksum = checksumOf(upload, chosen, content);
      try {
        verify(checksum);
      } catch (error) {
        await this.#objects.discard(content);
        throw error;
      }
      const { id, bucket, key } = upload;
      const etag = multipartEtag(chosen.map((part) => part.etag));
      const completed: StoredOutcome = {
        kind: 'completed',
        bucket,
        key,
        atMs: this.#clock.now(),
        etag,
        ...(upload.isEncrypted === true ? { encryption: 'AES256' } : {}),
      };
      return await this.#objects.put(
        bucket,
        key,
        content,
        {
          headers: upload.headers,
          metadata: upload.metadata,
          ...(upload.tags === undefined ? {} : { tags: upload.tags }),
          etag,
          partSizes: chosen.map((part) => part.sizeBytes),
          ...partChecksumsOf(upload, chosen),
          ...(checksum === undefined ? {} : { checksum }),
        },
        check,
        { id, outcome: [id, checksum === undefined ? completed : { ...completed, checksum }] },
      );
    });
  }

  #find(bucket: string, key: string, id: string): Upload {
    const found = this.#objects.index.upload(id);
    if (found === undefined || found.bucket !== bucket || found.key !== key) throw noSuchUpload(id);
    return found;
  }
}

/** S3's responses, row by row as docs/objects.md lists them. */
export function completionCheck(upload: Upload, condition: CompletionCondition): WriteCheck {
  return (current) => {
    if (condition === 'unconditional') return;
    if ('ifNoneMatch' in condition) {
      if (current !== undefined) throw preconditionFailed('If-None-Match');
      if (upload.baseGeneration !== undefined) throw conditionalRequestConflict('If-None-Match');
      return;
    }
    if (current === undefined) throw noSuchKey(upload.key);
    if (current.etag !== condition.ifMatch) throw preconditionFailed('If-Match');
    if (current.generation !== upload.baseGeneration) throw conditionalRequestConflict('If-Match');
  };
}

/** Computed from the ETags of the parts. */
export function multipartEtag(etags: readonly string[]): string {
  const hash = createHash('md5');
  for (const etag of etags) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${etags.length}`;
}

function partChecksumsOf(
  { checksum }: Upload,
  parts: readonly UploadedPart[],
): Pick<ObjectMeta, 'partChecksums'> {
  if (checksum === undefined) return {};
  const values = parts.map((part) => part.checksums[checksum.algorithm]);
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? {} : { partChecksums: known };
}

function checksumOf(
  upload: Upload,
  parts: readonly UploadedPart[],
  content: Content,
): StoredChecksum | undefined {
  if (upload.checksum === undefined) return undefined;
  const { algorithm, type } = upload.checksum;
  if (type === 'FULL_OBJECT') {
    const value = content.checksums.get(algorithm);
    return value === undefined ? undefined : { algorithm, type, value };
  }
  const values = parts.map((part) => part.checksums[algorithm]);
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length
    ? undefined
    : { algorithm, type, value: compositeChecksum(algorithm, known) };
}
