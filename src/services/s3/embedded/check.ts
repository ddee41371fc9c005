import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Counts, Finding, VerifyReport } from '../../../support/findings.ts';
import { releaseBuffer } from '../../../support/buffer-pool.ts';
import { type OnRead, pacer, type Pace } from '../../../support/pace.ts';
import { BlockSums, BlockSummer, type Sums } from './block-sums.ts';
import { digestOf, type Digest } from './checksums.ts';
import { isMissing } from './files.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { EmbeddedObjects } from './open.ts';
import { DamagedContentError, readContent, type StoredContent } from './stored-content.ts';

/** The damage, for a repair. */
export type DamagedPlace =
  | { readonly bucket: string; readonly meta: ObjectMeta }
  | { readonly uploadId: string; readonly part: number };

export interface ObjectsCheck {
  readonly report: VerifyReport;
  readonly damaged: readonly { readonly place: DamagedPlace; readonly finding: Finding }[];
}

export interface CheckOptions {
  /** Adds sums to objects that have none. */
  readonly writesSums: boolean;
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly onRead?: OnRead | undefined;
}

/**
 * Reads all objects and parts of uploads and verifies their checksums. Objects of an earlier version have none: these
 * are compared with their ETag or the checksum they were put with. Objects may be in use meanwhile.
 */
export async function checkObjects(embedded: EmbeddedObjects, options: CheckOptions): Promise<ObjectsCheck> {
  const { objects, buckets } = embedded;
  const pace = pacer(options.bytesPerSecond, options);
  const damaged: { place: DamagedPlace; finding: Finding }[] = [];
  let [objectCount, partCount] = [0, 0];
  for (const [bucket] of buckets.list()) {
    for await (const { key } of objects.scan(bucket, {})) {
      objectCount++;
      const found = await checkObject(embedded, bucket, key, options, pace);
      if (found !== undefined) damaged.push(found);
    }
  }
  for (const upload of objects.index.uploads()) {
    for (const part of await objects.index.parts(upload.id)) {
      partCount++;
      const path = `${objects.layout.upload(upload.id)}/${part.file}`;
      const problem = await problemOf(async () => {
        const file = await objects.files.open(path, 'r').catch(missing);
        const sums = part.sums === undefined ? undefined : new BlockSums(part.sums);
        await read({ file, sizeBytes: part.sizeBytes, sums }, [], pace);
      });
      // The upload may have been completed or aborted meanwhile.
      if (problem === undefined || (await objects.index.part(upload.id, part.number)) === undefined) continue;
      const subject = `bucket ${upload.bucket}, key ${upload.key}, part ${part.number} of upload ${upload.id}`;
      const place = { uploadId: upload.id, part: part.number };
      damaged.push({ place, finding: { ...problem, subject, file: below(embedded, path) } });
    }
  }
  const counts: Counts = [
    ['object', objectCount],
    ['part', partCount],
  ];
  return {
    report: {
      checked: counts.filter(([, count]) => count > 0),
      findings: damaged.map(({ finding }) => finding),
    },
    damaged,
  };
}

async function checkObject(
  embedded: EmbeddedObjects,
  bucket: string,
  key: string,
  { writesSums }: CheckOptions,
  pace: Pace,
): Promise<ObjectsCheck['damaged'][number] | undefined> {
  const { objects } = embedded;
  const problem = await problemOf(async () => {
    const opened = await objects.openContent(bucket, key);
    if (opened === undefined) return;
    const { meta, content } = opened;
    if (content.sums !== undefined) return await read(content, [], pace);
    const sums = await readUnsummed(meta, content, pace);
    if (writesSums) await writeSums(embedded, bucket, meta, sums);
  });
  if (problem === undefined) return undefined;
  const meta = await objects.index.get(bucket, key);
  if (meta === undefined) return undefined;
  const file = below(embedded, objects.layout.data(bucket, key));
  return { place: { bucket, meta }, finding: { ...problem, subject: `bucket ${bucket}, key ${key}`, file } };
}

/** Throws DamagedContentError when the content does not match its ETag or the checksum it was put with. */
async function readUnsummed(meta: ObjectMeta, content: StoredContent, pace: Pace): Promise<Sums> {
  const summer = new BlockSummer();
  const md5 = createHash('md5');
  const { checksum, etag } = meta;
  const digest: Digest | undefined =
    checksum?.type === 'FULL_OBJECT' ? digestOf(checksum.algorithm) : undefined;
  await read(content, [summer, md5, ...(digest === undefined ? [] : [digest])], pace);
  if (digest !== undefined && digest.value() !== checksum?.value) {
    throw new DamagedContentError('it does not match the checksum it was put with');
  }
  // The ETag of a multipart object, or of one with appends, is not a digest of its content.
  if (!etag.includes('-') && md5.digest('hex') !== etag)
    throw new DamagedContentError('it does not match its ETag');
  return summer.finish();
}

async function writeSums(
  { objects }: EmbeddedObjects,
  bucket: string,
  meta: ObjectMeta,
  sums: Sums,
): Promise<void> {
  try {
    await objects.exclusively(bucket, meta.key, async (current) => {
      if (current?.generation === meta.generation) await objects.index.putSums(bucket, current, sums);
    });
  } catch (error) {
    // The bucket was deleted meanwhile.
    if (objects.index.bucket(bucket) !== undefined) throw error;
  }
}

async function read(
  content: StoredContent,
  readers: readonly { update(bytes: Uint8Array): unknown }[],
  pace: Pace,
): Promise<void> {
  for await (const block of readContent(content, 0, content.sizeBytes)) {
    for (const reader of readers) reader.update(block);
    const { length } = block;
    releaseBuffer(block);
    await pace(length);
  }
}

async function problemOf(
  work: () => Promise<void>,
): Promise<Pick<Finding, 'problem' | 'offset'> | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof DamagedContentError)) throw error;
    const { message: problem, offset } = error;
    return offset === undefined ? { problem } : { problem, offset };
  }
}

function missing(error: unknown): never {
  throw isMissing(error) ? new DamagedContentError('its file is missing') : error;
}

/** The path relative to the data folder. */
function below({ objects }: EmbeddedObjects, path: string): string {
  return `objects/${relative(objects.layout.root, path).replaceAll('\\', '/')}`;
}
