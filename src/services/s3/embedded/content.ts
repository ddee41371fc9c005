import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { acquireBuffer, releaseBuffer } from '../../../support/buffer-pool.ts';
import { entityTooLarge } from '../errors.ts';
import { s3Limits } from '../limits.ts';
import { BlockSummer, type Sums } from './block-sums.ts';
import type { ContentKey } from './content-cipher.ts';
import { digestOf, type ChecksumAlgorithm } from './checksums.ts';
import { writeAll, type Files, type OpenFile } from './files.ts';

/** A received body that is not part of an object yet: in memory when small, otherwise in a synced file. */
export interface Content {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  /** Base64, for each requested algorithm. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
  readonly sums: Sums;
  /** Undefined when the bytes are in the staged file of this generation. */
  readonly bytes: Buffer | undefined;
  readonly generation: string;
  /** The key with which the bytes are encrypted (content-cipher.ts); undefined when they are not. */
  readonly encryption?: string;
}

/** Receives a body at the speed of the disk. When the body fails, what it wrote is removed. */
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

/** Buffers up to objectInlineBytesMax in memory; larger bodies go to a file. */
class SpillingFile {
  readonly #files: Files;
  readonly #path: string;
  #chunks: Uint8Array[] = [];
  #file: GatheringWriter | undefined;
  sizeBytes = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.sizeBytes += chunk.length;
    if (this.#file !== undefined) return await this.#file.write(chunk);
    this.#chunks.push(chunk);
    if (this.sizeBytes <= s3Limits.objectInlineBytesMax) return;
    this.#file = new GatheringWriter(await this.#files.open(this.#path, 'wx'));
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const waiting of chunks) await this.#file.write(waiting);
  }

  /** Returns the bytes of a small body; undefined when they are in the file, which is synced. */
  async finish(): Promise<Buffer | undefined> {
    if (this.#file === undefined) return Buffer.concat(this.#chunks);
    await this.#file.flush();
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

/** Writes a file in larger pieces than it is given; one is written while the next is gathered. */
class GatheringWriter {
  readonly #file: OpenFile;
  #gathered = acquireBuffer(s3Limits.objectWriteBytes);
  #length = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Copies the bytes. Rejects when an earlier write has failed. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.#length === this.#gathered.length) await this.#writeGathered();
      const piece = bytes.subarray(done, done + this.#gathered.length - this.#length);
      this.#gathered.set(piece, this.#length);
      this.#length += piece.length;
      done += piece.length;
    }
  }

  async flush(): Promise<void> {
    await this.#writeGathered();
    await this.#writing;
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    releaseBuffer(this.#gathered);
    await this.#file.close();
  }

  /** Begins to; there is one write at a time. */
  async #writeGathered(): Promise<void> {
    await this.#writing;
    const [gathered, length] = [this.#gathered, this.#length];
    this.#gathered = acquireBuffer(s3Limits.objectWriteBytes);
    this.#length = 0;
    this.#writing = writeAll(this.#file, gathered.subarray(0, length)).then(() => releaseBuffer(gathered));
    // The next call rejects with its error.
    this.#writing.catch(() => undefined);
  }
}
