import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { s3Limits } from '../limits.ts';
import { entityTooLarge } from '../errors.ts';
import { BlockSummer, type Sums } from './block-sums.ts';
import type { ContentKey } from './content-cipher.ts';
import { digestOf, type ChecksumAlgorithm } from './checksums.ts';
import { writeAll, type Files, type OpenFile } from './files.ts';

/** A body that has arrived and is not part of an object yet: in memory when small, else in a synced file. */
export interface Content {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  /** Base64, for each algorithm that was asked for. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
  readonly sums: Sums;
  /** Undefined when they are in the staged file of this generation. */
  readonly bytes: Buffer | undefined;
  readonly generation: string;
  /** The key under which the bytes are encrypted (content-cipher.ts); undefined when they are not. */
  readonly encryption?: string;
}

/** Takes in a body as it arrives, at the pace of the disk. What it wrote is removed again when the body fails. */
export async function receive(
  files: Files,
  path: string,
  generation: string,
  body: AsyncIterable<Uint8Array>,
  algorithms: Iterable<ChecksumAlgorithm>,
  bytesMax: number,
  key?: ContentKey,
): Promise<Content> {
  const md5 = createHash('md5');
  const digests = [...new Set(algorithms)].map((algorithm) => ({ algorithm, digest: digestOf(algorithm) }));
  const encrypt = key?.from(0);
  const summer = new BlockSummer();
  const target = new SpillingFile(files, path);
  try {
    for await (const chunk of body) {
      if (target.sizeBytes + chunk.length > bytesMax) throw entityTooLarge(bytesMax);
      md5.update(chunk);
      for (const { digest } of digests) digest.update(chunk);
      const stored = encrypt === undefined ? chunk : encrypt(chunk);
      summer.update(stored);
      await target.write(stored);
    }
    const bytes = await target.finish();
    return {
      sizeBytes: target.sizeBytes,
      md5: md5.digest('hex'),
      checksums: new Map(digests.map(({ algorithm, digest }) => [algorithm, digest.value()])),
      sums: summer.finish(),
      bytes,
      generation,
      ...(key === undefined ? {} : { encryption: key.wrapped }),
    };
  } catch (error) {
    await target.discard();
    throw error;
  }
}

/** Memory up to objectInlineBytesMax, a file from there on. */
class SpillingFile {
  readonly #files: Files;
  readonly #path: string;
  #chunks: Uint8Array[] = [];
  #file: OpenFile | undefined;
  sizeBytes = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.sizeBytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#file === undefined && this.sizeBytes <= s3Limits.objectInlineBytesMax) return;
    this.#file ??= await this.#files.open(this.#path, 'wx');
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const waiting of chunks) await writeAll(this.#file, waiting);
  }

  /** The bytes when they were few; undefined when they are in the file, which is flushed. */
  async finish(): Promise<Buffer | undefined> {
    if (this.#file === undefined) return Buffer.concat(this.#chunks);
    await this.#file.datasync();
    await this.#file.close();
    this.#file = undefined;
    await this.#files.syncFolder(dirname(this.#path));
    return undefined;
  }

  async discard(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    await this.#files.rm(this.#path, { force: true }).catch(() => undefined);
  }
}
