import { createHash, randomBytes } from 'node:crypto';
import { limits } from '../../../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import {
  conditionalRequestConflict,
  invalidRequest,
  noSuchKey,
  noSuchUpload,
  preconditionFailed,
} from '../errors.ts';
import { writeFile } from './apply.ts';
import { assemble, type Part } from './assemble.ts';
import { compositeChecksum } from './checksums.ts';
import type { Content } from './content.ts';
import { compareKeys } from './key-path.ts';
import type { ObjectFiles, WriteCheck } from './object-files.ts';
import type { ObjectMeta, StoredChecksum } from './object-meta.ts';

/** A multipart upload: `uploads/<id>/upload.json`, and for each part `<number>.json` and the file it names. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: Pick<StoredChecksum, 'algorithm' | 'type'>;
  /** The version that the object had when the upload began; conditions at its end look at it. */
  readonly baseGeneration?: string;
}

export type CompletionCondition =
  | { readonly ifMatch: string }
  | { readonly ifNoneMatch: '*' }
  | 'unconditional';

export class Uploads {
  readonly #objects: ObjectFiles;
  readonly #clock: Clock;
  readonly #uploads = new Map<string, { readonly upload: Upload; readonly parts: Map<number, Part> }>();

  private constructor(objects: ObjectFiles, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /** Finds the uploads that are under way; what is not whole was never answered. */
  static async open(objects: ObjectFiles, clock: Clock): Promise<Uploads> {
    const uploads = new Uploads(objects, clock);
    for (const id of await objects.files.readdir(objects.layout.uploads)) await uploads.#load(id);
    return uploads;
  }

  async create(meta: Omit<Upload, 'id' | 'initiatedMs' | 'baseGeneration'>): Promise<Upload> {
    const { files, layout } = this.#objects;
    const current = await this.#objects.head(meta.bucket, meta.key);
    if (this.#uploads.size >= limits.objectUploadsMax)
      throw invalidRequest('Too many multipart uploads are under way');
    const upload: Upload = {
      ...meta,
      id: randomBytes(24).toString('base64url'),
      initiatedMs: this.#clock.now(),
      ...(current === undefined ? {} : { baseGeneration: current.generation }),
    };
    const folder = layout.upload(upload.id);
    await files.mkdir(folder);
    await this.#writeJson(upload.id, 'upload.json', upload);
    await files.syncFolder(layout.uploads);
    this.#uploads.set(upload.id, { upload, parts: new Map() });
    return upload;
  }

  /** Throws NoSuchUpload, also when it is another object's. */
  get(bucket: string, key: string, id: string): { upload: Upload; parts: readonly Part[] } {
    this.#objects.requireBucket(bucket);
    const found = this.#find(bucket, key, id);
    return { upload: found.upload, parts: [...found.parts.values()].sort((a, b) => a.number - b.number) };
  }

  /** Uploads of a bucket, by key and then in the order they began. */
  list(bucket: string): Upload[] {
    this.#objects.requireBucket(bucket);
    return [...this.#uploads.values()]
      .map(({ upload }) => upload)
      .filter((upload) => upload.bucket === bucket)
      .sort((a, b) => compareKeys(a.key, b.key) || a.initiatedMs - b.initiatedMs || (a.id < b.id ? -1 : 1));
  }

  /** Keeps a part, in place of an earlier one of that number. The content is used up. */
  async putPart(upload: Upload, number: number, content: Content): Promise<Part> {
    const { files, layout, locks } = this.#objects;
    const part: Part = {
      number,
      file: `${number}-${content.generation}`,
      sizeBytes: content.sizeBytes,
      etag: content.md5,
      modifiedMs: this.#clock.now(),
      checksums: Object.fromEntries(content.checksums),
    };
    return await locks.exclusive(lockName(upload.id), async () => {
      try {
        const { parts } = this.#find(upload.bucket, upload.key, upload.id);
        const path = `${layout.upload(upload.id)}/${part.file}`;
        if (content.bytes === undefined) await files.rename(layout.stagedData(content.generation), path);
        else await writeFile(files, path, content.bytes);
        await files.syncFile(path);
        await this.#writeJson(upload.id, `${number}.json`, part);
        const before = parts.get(number);
        parts.set(number, part);
        if (before !== undefined)
          await files.rm(`${layout.upload(upload.id)}/${before.file}`, { force: true });
        return part;
      } catch (error) {
        await this.#objects.discard(content);
        throw error;
      }
    });
  }

  async abort(bucket: string, key: string, id: string): Promise<void> {
    this.#objects.requireBucket(bucket);
    await this.#remove(bucket, key, id);
  }

  /** For a bucket that is gone. */
  async abortAll(bucket: string): Promise<void> {
    for (const { upload } of this.#uploads.values()) {
      if (upload.bucket === bucket) await this.#remove(bucket, upload.key, upload.id);
    }
  }

  async #remove(bucket: string, key: string, id: string): Promise<void> {
    const { files, layout, locks } = this.#objects;
    await locks.exclusive(lockName(id), async () => {
      this.#find(bucket, key, id);
      // Gone with its first file; what is left of the folder is removed at the next start at the latest.
      await files.rm(`${layout.upload(id)}/upload.json`, { force: true });
      await files.syncFolder(layout.upload(id));
      this.#uploads.delete(id);
      await files.rm(layout.upload(id), { force: true, recursive: true });
    });
  }

  /** Puts the chosen parts together as the object, unless the condition fails. The parts are checked by the caller. */
  async complete(
    upload: Upload,
    choose: (parts: readonly Part[]) => readonly Part[],
    condition: CompletionCondition,
  ): Promise<ObjectMeta> {
    return await this.#objects.locks.exclusive(lockName(upload.id), async () => {
      const { parts } = this.get(upload.bucket, upload.key, upload.id);
      const chosen = choose(parts);
      const check = completionCheck(upload, condition);
      check(await this.#objects.head(upload.bucket, upload.key)); // before the bytes are moved; and again after
      const fullAlgorithm = upload.checksum?.type === 'FULL_OBJECT' ? upload.checksum.algorithm : undefined;
      const content = await assemble(this.#objects, upload.id, chosen, fullAlgorithm);
      const checksum = checksumOf(upload, chosen, content);
      const written = await this.#objects.put(
        upload.bucket,
        upload.key,
        content,
        {
          headers: upload.headers,
          metadata: upload.metadata,
          etag: multipartEtag(chosen),
          partSizes: chosen.map((part) => part.sizeBytes),
          ...(checksum === undefined ? {} : { checksum }),
        },
        check,
        upload.id,
      );
      this.#uploads.delete(upload.id);
      return written;
    });
  }

  #find(
    bucket: string,
    key: string,
    id: string,
  ): { readonly upload: Upload; readonly parts: Map<number, Part> } {
    const found = this.#uploads.get(id);
    if (found === undefined || found.upload.bucket !== bucket || found.upload.key !== key)
      throw noSuchUpload(id);
    return found;
  }

  /** Gets its name only when it is flushed. */
  async #writeJson(id: string, name: string, value: object): Promise<void> {
    const { files, layout } = this.#objects;
    const staged = layout.stagedMeta(this.#objects.newGeneration());
    await writeFile(files, staged, Buffer.from(`${JSON.stringify(value)}\n`));
    await files.syncFile(staged);
    await files.rename(staged, `${layout.upload(id)}/${name}`);
    await files.syncFolder(layout.upload(id));
  }

  async #load(id: string): Promise<void> {
    const { files, layout } = this.#objects;
    const folder = layout.upload(id);
    const names = await files.readdir(folder);
    if (!names.includes('upload.json')) return await files.rm(folder, { force: true, recursive: true });
    const read = async (name: string) => (await files.readFile(`${folder}/${name}`)).toString('utf8');
    const upload = JSON.parse(await read('upload.json')) as Upload; // written by `create`
    const parts = new Map<number, Part>();
    for (const name of names) {
      if (!/^\d+\.json$/.test(name)) continue;
      const part = JSON.parse(await read(name)) as Part; // written by `putPart`
      parts.set(part.number, part);
    }
    const used = new Set([...parts.values()].map((part) => part.file));
    for (const name of names) {
      if (!name.endsWith('.json') && !used.has(name)) await files.rm(`${folder}/${name}`, { force: true });
    }
    this.#uploads.set(id, { upload, parts });
  }
}

/** S3's answers, row by row as docs/objects.md lists them. */
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

function multipartEtag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function checksumOf(upload: Upload, parts: readonly Part[], content: Content): StoredChecksum | undefined {
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

const lockName = (id: string): string => `upload ${id}`;
