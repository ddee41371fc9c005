import { digestOf, type ChecksumAlgorithm } from './checksums.ts';
import { readRange, writeAll, type Content } from './content.ts';
import type { ObjectFiles } from './object-files.ts';

/** A part of an upload, as it is stored. */
export interface Part {
  readonly number: number;
  readonly file: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

/**
 * Parts, one behind the other, as content. The first is copied by the kernel (shared, where the file system can)
 * unless a checksum of the whole is wanted. The parts stay as they are: the upload may yet fail.
 */
export async function assemble(
  objects: ObjectFiles,
  uploadId: string,
  parts: readonly Part[],
  algorithm: ChecksumAlgorithm | undefined,
): Promise<Content> {
  const { files, layout } = objects;
  const generation = objects.newGeneration();
  const path = layout.stagedData(generation);
  const partPath = (part: Part) => `${layout.upload(uploadId)}/${part.file}`;
  const [first] = parts;
  const copied = algorithm === undefined && first !== undefined ? 1 : 0;
  const digest = algorithm === undefined ? undefined : digestOf(algorithm);
  try {
    if (copied === 1 && first !== undefined) await files.copy(partPath(first), path);
    const target = await files.open(path, 'a');
    try {
      for (const part of parts.slice(copied)) {
        for await (const chunk of readRange(await files.open(partPath(part), 'r'), 0, part.sizeBytes)) {
          digest?.update(chunk);
          await writeAll(target, chunk);
        }
      }
      await target.datasync();
    } finally {
      await target.close();
    }
    await files.syncFolder(layout.staging);
  } catch (error) {
    await files.rm(path, { force: true });
    throw error;
  }
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    md5: '',
    checksums: new Map(algorithm === undefined || digest === undefined ? [] : [[algorithm, digest.value()]]),
    bytes: undefined,
    generation,
  };
}
