import { dirname, join } from 'node:path';
import { readRange, writeAll } from './content.ts';
import type { Files } from './files.ts';
import { Layout } from './layout.ts';
import { list } from './listing.ts';
import { metaText } from './object-meta.ts';
import type { EmbeddedObjects } from './open.ts';

const everything = { prefix: '', delimiter: '', after: '', afterIsPrefix: false };

/**
 * Copies all objects into an empty folder, on which a server can then be started, while they are read and written:
 * each object with its metadata as of one moment, and not all of the same one. Multipart uploads under way are left
 * out. Resolves when the copy is durable.
 */
export async function backupObjects(embedded: EmbeddedObjects, target: string): Promise<void> {
  const { files, layout } = embedded.objects;
  const copy = new Copy(files, new Layout(target, layout.keyPaths));
  const { own, staging, uploads, buckets, format } = copy.layout;
  for (const folder of [staging, uploads, buckets, join(own, 'meta')]) await copy.folder(folder);
  await files.copy(layout.format, format);
  await files.syncFile(format);
  for (const [bucket] of embedded.buckets.list()) {
    try {
      await copyBucket(embedded, bucket, copy);
    } catch (error) {
      if (embedded.buckets.get(bucket) !== undefined) throw error;
      // It was deleted, with all that was in it, while we copied.
      await files.rm(copy.layout.bucketFile(bucket), { force: true });
    }
  }
  await copy.sync();
}

async function copyBucket(embedded: EmbeddedObjects, bucket: string, copy: Copy): Promise<void> {
  const { files, layout } = embedded.objects;
  await files.copy(layout.bucketFile(bucket), copy.layout.bucketFile(bucket));
  await files.syncFile(copy.layout.bucketFile(bucket));
  await copy.folder(copy.layout.dataFolder(bucket));
  await copy.folder(copy.layout.metaFolder(bucket));
  for await (const found of list(layout, files, bucket, everything)) {
    if ('key' in found) await copyObject(embedded, bucket, found.key, copy);
  }
}

async function copyObject(embedded: EmbeddedObjects, bucket: string, key: string, copy: Copy): Promise<void> {
  const opened = await embedded.objects.open(bucket, key);
  if (opened === undefined) return;
  const { meta, file } = opened;
  await copy.file(copy.layout.data(bucket, key), readRange(file, 0, meta.sizeBytes));
  await copy.file(copy.layout.meta(bucket, key), [Buffer.from(metaText(meta))]);
}

/** The copy while it is made: which folders there are, so that each is made and synced once. */
class Copy {
  readonly layout: Layout;
  readonly #files: Files;
  readonly #folders = new Set<string>();

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.layout = layout;
  }

  async folder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await this.#files.mkdir(path);
    for (let at = path; at.length >= this.layout.root.length; at = dirname(at)) this.#folders.add(at);
  }

  async file(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    await this.folder(dirname(path));
    const file = await this.#files.open(path, 'w');
    try {
      for await (const chunk of chunks) await writeAll(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async sync(): Promise<void> {
    for (const folder of this.#folders) await this.#files.syncFolder(folder);
  }
}
