import { BlockSummer, BlockSums } from './block-sums.ts';
import { ContentKeyError } from './content-cipher.ts';
import { digestOf, type ChecksumAlgorithm } from './checksums.ts';
import { releaseBuffer } from '../../../support/buffer-pool.ts';
import type { Content } from './content.ts';
import { isMissing, writeAll, type OpenFile } from './files.ts';
import type { ObjectFiles } from './object-files.ts';
import { DamagedContentError, readContent } from './stored-content.ts';
import type { UploadedPart, Upload } from './upload.ts';

/**
 * Concatenates parts to a content, and verifies each while reading. The parts stay, because the upload may still fail.
 */
export async function assemble(
  objects: ObjectFiles,
  upload: Upload,
  parts: readonly UploadedPart[],
  algorithm: ChecksumAlgorithm | undefined,
): Promise<Content> {
  const { files, layout } = objects;
  const generation = objects.newGeneration();
  const path = layout.staged(generation);
  const digest = algorithm === undefined ? undefined : digestOf(algorithm);
  const key = upload.isEncrypted === true ? await objects.keys.make() : undefined;
  const encrypt = key?.from(0);
  const summer = new BlockSummer();
  try {
    const target = await files.open(path, 'wx');
    try {
      for (const part of parts) {
        for await (const block of readPart(objects, upload, part)) {
          digest?.update(block);
          const stored = encrypt === undefined ? block : encrypt(block);
          summer.update(stored);
          await writeAll(target, stored);
          releaseBuffer(block);
        }
      }
      await target.datasync();
    } finally {
      await target.close();
    }
    await files.syncFolder(layout.staging);
  } catch (error) {
    await files.rm(path, { force: true });
    if (!(error instanceof DamagedContentError || error instanceof ContentKeyError)) throw error;
    throw objects.damaged(upload.bucket, upload.key, `a part of its upload ${upload.id}: ${error.message}`);
  }
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    md5: '',
    checksums: new Map(algorithm === undefined || digest === undefined ? [] : [[algorithm, digest.value()]]),
    sums: summer.finish(),
    bytes: undefined,
    generation,
    ...(key === undefined ? {} : { encryption: key.wrapped }),
  };
}

async function* readPart(
  { files, layout, keys }: ObjectFiles,
  upload: Upload,
  { file: name, sizeBytes, sums, encryption }: UploadedPart,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openPart(() => files.open(`${layout.upload(upload.id)}/${name}`, 'r'));
  const content = { file, sizeBytes, sums: sums === undefined ? undefined : new BlockSums(sums) };
  if (encryption === undefined) return yield* readContent(content, 0, sizeBytes);
  const blocks = readContent(content, 0, sizeBytes);
  try {
    const decrypt = (await keys.unwrap(encryption)).from(0);
    for await (const block of blocks) {
      const bytes = decrypt(block);
      releaseBuffer(block);
      yield bytes;
    }
  } finally {
    await blocks.return?.();
  }
}

async function openPart(open: () => Promise<OpenFile>): Promise<OpenFile> {
  try {
    return await open();
  } catch (error) {
    throw isMissing(error) ? new DamagedContentError('its file is missing') : error;
  }
}
