import { crc32 } from 'node:zlib';
import { BLOCK_BYTES, type BlockSums } from './block-sums.ts';
import type { OpenFile } from './files.ts';

/** The bytes of a file are not those that were stored. Says which, without the file. */
export class DamagedContentError extends Error {
  override readonly name = 'DamagedContentError';
  /** Where the damage begins, as far as it is known. */
  readonly offset: number | undefined;

  constructor(what: string, offset?: number) {
    super(what);
    this.offset = offset;
  }
}

/** A file of which the first `sizeBytes` bytes are somebody's content. Undefined sums: they are not checked. */
export interface StoredContent {
  readonly file: OpenFile;
  readonly sizeBytes: number;
  readonly sums: BlockSums | undefined;
}

/**
 * A part of a content, block by block, each checked before any of its bytes is given; the next one is read while one
 * is given away. Throws DamagedContentError. Closes the file at its end, or when nobody wants more, be it before the
 * first block: a generator's `finally` would not run then.
 */
export function readContent(
  content: StoredContent,
  first: number,
  length: number,
): AsyncIterableIterator<Uint8Array, undefined> {
  const end = first + length;
  let block = Math.floor(first / BLOCK_BYTES);
  let ahead: Promise<Uint8Array> | undefined;
  let closed: Promise<void> | undefined;
  const isBehind = (): boolean => block * BLOCK_BYTES >= end || length === 0;
  const close = async (): Promise<IteratorReturnResult<undefined>> => {
    closed ??= (ahead ?? Promise.resolve()).then(undefined, () => undefined).then(() => content.file.close());
    await closed;
    return { done: true, value: undefined };
  };
  const readAhead = (): void => {
    ahead = isBehind() ? undefined : readBlock(content, block);
    // The read that needs this block reports the error.
    ahead?.catch(() => undefined);
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (closed !== undefined || isBehind()) return await close();
      try {
        const bytes = await (ahead ?? readBlock(content, block));
        const start = block * BLOCK_BYTES;
        block++;
        readAhead();
        const from = Math.max(0, first - start);
        return { done: false, value: bytes.subarray(from, Math.min(bytes.length, end - start)) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    return: close,
  };
}

async function readBlock({ file, sizeBytes, sums }: StoredContent, block: number): Promise<Uint8Array> {
  const start = block * BLOCK_BYTES;
  const bytes = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, sizeBytes - start));
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) {
      throw new DamagedContentError(`it ends at byte ${start + done} instead of ${sizeBytes}`, start + done);
    }
    done += bytesRead;
  }
  if (sums !== undefined && crc32(bytes) !== sums.of(block)) {
    const last = start + bytes.length - 1;
    throw new DamagedContentError(`bytes ${start} to ${last} do not fit their checksum`, start);
  }
  return bytes;
}
