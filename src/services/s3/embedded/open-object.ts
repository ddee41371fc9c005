import type { ContentKey } from './content-cipher.ts';
import type { ObjectMeta } from './object-meta.ts';
import { releaseBuffer } from '../../../support/buffer-pool.ts';
import { DamagedContentError, readContent, type ReadRoom, type StoredContent } from './stored-content.ts';

/** An object as of one moment: readers see what they opened, whatever is written meanwhile. */
export interface OpenObject {
  readonly meta: ObjectMeta;
  /**
   * Each block is checked before it is given. Throws DamagedDataError. Closes the object at its end. The memory of a
   * chunk may be released by `releaseBuffer` when it is not needed any more.
   */
  read(first: number, length: number, room?: ReadRoom): AsyncIterableIterator<Uint8Array, undefined>;
  /** Closes the object; throws DamagedDataError when its file is too short. */
  check(): Promise<void>;
  /** Closes an object that is not read. */
  close(): Promise<void>;
}

/** `damaged` reports damage and returns the error for the caller of the API. */
export function openObject(
  meta: ObjectMeta,
  content: StoredContent,
  damaged: (what: string) => Error,
  key?: ContentKey,
): OpenObject {
  const { file, sizeBytes } = content;
  return {
    meta,
    read(first, length, room) {
      const blocks = readContent(content, first, length, room);
      const decrypt = key?.from(first, meta.keyStreams);
      const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        try {
          const next = await blocks.next();
          if (next.done === true || decrypt === undefined) return next;
          const value = decrypt(next.value);
          releaseBuffer(next.value);
          return { done: false, value };
        } catch (error) {
          throw error instanceof DamagedContentError ? damaged(error.message) : error;
        }
      };
      const checked: AsyncIterableIterator<Uint8Array, undefined> = {
        ...blocks,
        [Symbol.asyncIterator]: () => checked,
        next,
      };
      return checked;
    },
    async check() {
      try {
        const { size } = await file.stat();
        if (size < sizeBytes) throw damaged(`it ends at byte ${size} instead of ${sizeBytes}`);
      } finally {
        await file.close();
      }
    },
    close: () => file.close(),
  };
}

/** The whole content, and `bytes` after it. */
export async function* withAppended(
  opened: OpenObject,
  bytes: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* opened.read(0, opened.meta.sizeBytes);
  yield bytes;
}
