import { crc32 } from 'node:zlib';
import { s3Limits } from '../limits.ts';
import { acquireBuffer } from '../../../support/buffer-pool.ts';
import { BLOCK_BYTES, type BlockSums } from './block-sums.ts';
import type { OpenFile } from './files.ts';

/** The bytes of a file differ from those that were stored. The message does not name the file. */
export class DamagedContentError extends Error {
  override readonly name = 'DamagedContentError';
  /** Where the damage begins, if known. */
  readonly offset: number | undefined;

  constructor(what: string, offset?: number) {
    super(what);
    this.offset = offset;
  }
}

/** A file whose first `sizeBytes` bytes are a content. Without sums it is not verified. */
export interface StoredContent {
  readonly file: OpenFile;
  readonly sizeBytes: number;
  readonly sums: BlockSums | undefined;
}

/** How many bytes a reader may hold: those that it gives away and those that it reads ahead. */
export type ReadRoom = () => number;

const plentiful: ReadRoom = () => 2 * s3Limits.objectReadBytesMax;

/**
 * A part of a content, in chunks of whole blocks, each checked before any of its bytes is given; where there is room,
 * the next chunk is read while one is given away. Throws DamagedContentError. Closes the file at its end, or when
 * nobody wants more, be it before the first chunk: a generator's `finally` would not run then.
 *
 * The memory of a chunk may be released by `releaseBuffer` when it is not needed any more.
 */
export function readContent(
  content: StoredContent,
  first: number,
  length: number,
  room: ReadRoom = plentiful,
): AsyncIterableIterator<Uint8Array, undefined> {
  const end = first + length;
  /** The next one that is given. */
  let block = Math.floor(first / BLOCK_BYTES);
  let ahead: Promise<Uint8Array> | undefined;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<IteratorReturnResult<undefined>> => {
    closed ??= (ahead ?? Promise.resolve()).then(undefined, () => undefined).then(() => content.file.close());
    await closed;
    return { done: true, value: undefined };
  };
  const isAtEnd = (): boolean => block * BLOCK_BYTES >= end || length === 0;
  const read = (bytes: number): Promise<Uint8Array> => {
    const count = Math.max(1, Math.floor(Math.min(bytes, s3Limits.objectReadBytesMax) / BLOCK_BYTES));
    return readBlocks(content, block, Math.min(block + count, Math.ceil(end / BLOCK_BYTES)));
  };
  const readAhead = (): void => {
    const bytes = isAtEnd() ? 0 : room() / 2;
    ahead = bytes < BLOCK_BYTES ? undefined : read(bytes);
    // The call that needs this chunk reports the error.
    ahead?.catch(() => undefined);
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (closed !== undefined || isAtEnd()) return await close();
      try {
        const bytes = await (ahead ?? read(room() / 2));
        const start = block * BLOCK_BYTES;
        block += Math.ceil(bytes.length / BLOCK_BYTES);
        if (closed === undefined) readAhead();
        return { done: false, value: bytes.subarray(Math.max(0, first - start), end - start) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    return: close,
  };
}

/** Those before the first that is damaged; throws when it is the first. */
async function readBlocks(
  { file, sizeBytes, sums }: StoredContent,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const start = from * BLOCK_BYTES;
  const bytes = acquireBuffer(Math.min(to * BLOCK_BYTES, sizeBytes) - start);
  let filled = 0;
  for (let bytesRead = -1; filled < bytes.length && bytesRead !== 0; filled += bytesRead) {
    ({ bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled));
  }
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const isShort = filled < at + block.length;
    if (!isShort && (sums === undefined || crc32(block) === sums.of(from + at / BLOCK_BYTES))) continue;
    if (at > 0) return bytes.subarray(0, at);
    throw isShort
      ? new DamagedContentError(`it ends at byte ${start + filled} instead of ${sizeBytes}`, start + filled)
      : new DamagedContentError(
          `bytes ${start} to ${start + block.length - 1} do not match their checksum`,
          start,
        );
  }
  return bytes;
}
