import { dirname, join } from 'node:path';
import { isMissing, writeAll, type Files, type OpenFile } from './files.ts';
import { Layout } from './layout.ts';
import type { EmbeddedObjects } from './open.ts';
import { writeFormat } from './store-format.ts';

/**
 * Copies all objects to an empty folder while they are in use. Then, with all writes held back, copies what changed
 * meanwhile and calls `copyEngine`, so that contents and metadata are consistent. Resolves when the copy is durable.
 */
export async function backupObjects(
  embedded: EmbeddedObjects,
  target: string,
  copyEngine: () => Promise<void>,
): Promise<void> {
  const { objects, buckets } = embedded;
  const copy = new Copy(objects.files, new Layout(target, objects.layout.keyPaths));
  for (const folder of [copy.layout.staging, copy.layout.uploads]) await copy.folder(folder);
  const changed = new Map<string, { readonly bucket: string; readonly key: string }>();
  const watch = (bucket: string, key: string): void => void changed.set(`${bucket}/${key}`, { bucket, key });
  // Writes in progress finish first; the watcher sees all later ones.
  await objects.withoutAnyWrites(async () => void objects.watchers.add(watch));
  try {
    for (const [bucket] of buckets.list()) {
      for await (const { key } of objects.scan(bucket, {})) await copyObject(embedded, bucket, key, copy);
    }
    await copyUploads(embedded, copy);
    await objects.withoutAnyWrites(async () => {
      await objects.settle();
      for (const [bucket] of buckets.list()) await copy.folder(copy.layout.bucketFolder(bucket));
      for (const { bucket, key } of changed.values()) await copyObject(embedded, bucket, key, copy);
      await copyUploads(embedded, copy);
      const store = objects.index.store();
      if (store !== undefined) await writeFormat(copy.layout.format, objects.files, store);
      await copyEngine();
    });
  } finally {
    objects.watchers.delete(watch);
  }
  await copy.sync();
}

/** Copies the file without verifying it: damage is copied too, and the same checksums detect it in the copy. */
async function copyObject(
  { objects }: EmbeddedObjects,
  bucket: string,
  key: string,
  copy: Copy,
): Promise<void> {
  const path = copy.layout.data(bucket, key);
  const meta = await objects.index.get(bucket, key);
  if (meta === undefined) return await objects.files.rm(path, { force: true });
  await copy.file(objects.layout.data(bucket, key), path, meta.sizeBytes);
}

/** Parts never change, so those already copied are skipped. */
async function copyUploads({ objects }: EmbeddedObjects, copy: Copy): Promise<void> {
  for (const { id } of objects.index.uploads()) {
    await copy.folder(copy.layout.upload(id));
    for (const { file, sizeBytes } of await objects.index.parts(id)) {
      const path = join(copy.layout.upload(id), file);
      if (await objects.files.exists(path)) continue;
      await copy.file(join(objects.layout.upload(id), file), path, sizeBytes);
    }
  }
}

const COPY_BYTES = 1024 * 1024;

/** The copy in progress: records its folders, so that each is created and synced once. */
class Copy {
  readonly layout: Layout;
  readonly #files: Files;
  readonly #folders = new Set<string>();
  readonly #buffer = Buffer.allocUnsafe(COPY_BYTES);

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.layout = layout;
  }

  async folder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await this.#files.mkdir(path);
    for (let at = path; at.length >= this.layout.root.length; at = dirname(at)) this.#folders.add(at);
  }

  /** Copies at most this many bytes: those after them belong to no object. Skips a missing file. */
  async file(from: string, to: string, bytes: number): Promise<void> {
    const source = await this.#files.open(from, 'r').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (source === undefined) return;
    try {
      await this.folder(dirname(to));
      const target = await this.#files.open(to, 'w');
      try {
        await this.#bytes(source, target, bytes);
        await target.datasync();
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }

  async sync(): Promise<void> {
    for (const folder of this.#folders) await this.#files.syncFolder(folder);
  }

  async #bytes(source: OpenFile, target: OpenFile, bytes: number): Promise<void> {
    for (let done = 0; done < bytes;) {
      const wanted = Math.min(this.#buffer.length, bytes - done);
      const { bytesRead } = await source.read(this.#buffer, 0, wanted, done);
      if (bytesRead === 0) return;
      await writeAll(target, this.#buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
  }
}
