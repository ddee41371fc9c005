import type { ObjectMeta } from './object-meta.ts';
import { DamagedContentError, readContent, type StoredContent } from './stored-content.ts';

/** An object as of one moment: readers keep what they opened, whatever is written meanwhile. */
export interface OpenObject {
  readonly meta: ObjectMeta;
  /** Each block is checked before it is given. Throws DamagedDataError. Closes the object at its end. */
  read(first: number, length: number): AsyncIterableIterator<Uint8Array, undefined>;
  /** Closes the object; throws DamagedDataError when its file is too short. */
  check(): Promise<void>;
  /** For what is not read. */
  close(): Promise<void>;
}

/** `damaged` reports what is wrong, and gives the error for the caller of the API. */
export function openObject(
  meta: ObjectMeta,
  content: StoredContent,
  damaged: (what: string) => Error,
): OpenObject {
  const { file, sizeBytes } = content;
  return {
    meta,
    read(first, length) {
      const blocks = readContent(content, first, length);
      const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        try {
          return await blocks.next();
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
