import { s3Limits } from '../limits.ts';
import { newStreamId, type CipherFunction, type ContentKeys, type KeyStream } from './content-cipher.ts';
import type { ObjectMeta } from './object-meta.ts';

/**
 * Encrypts appended bytes and never uses the same part of a key stream for two texts: anyone with copies of the disk
 * from before and after could compare them. An append that failed or was interrupted by a crash may have left encrypted
 * bytes that belong to no object, and the next append writes at the same offset. So a key stream is used by one process
 * only, and not after a failed append.
 */
export class AppendCipher {
  readonly #keys: ContentKeys;
  #streamId = newStreamId();

  constructor(keys: ContentKeys) {
    this.#keys = keys;
  }

  /** Returns the encryption of bytes after the end of the content, and its key streams. Throws ContentKeyError. */
  async begin({
    encryption,
    keyStreams = [],
    sizeBytes,
  }: ObjectMeta): Promise<{ readonly encrypt: CipherFunction; readonly keyStreams?: readonly KeyStream[] }> {
    if (encryption === undefined) return { encrypt: (bytes) => bytes };
    const streams = this.#continues(keyStreams)
      ? keyStreams
      : [...keyStreams, { from: sizeBytes, id: this.#streamId }];
    const key = await this.#keys.unwrap(encryption);
    return { encrypt: key.from(sizeBytes, streams), keyStreams: streams };
  }

  /** True when the row would become too large, so the content must be rewritten. */
  isFull({ keyStreams = [] }: ObjectMeta): boolean {
    return keyStreams.length >= s3Limits.objectKeyStreamsMax && !this.#continues(keyStreams);
  }

  /** Call this after a failed append: its encrypted bytes may be on the disk. */
  abandon(): void {
    this.#streamId = newStreamId();
  }

  #continues(streams: readonly KeyStream[]): boolean {
    return streams.at(-1)?.id === this.#streamId;
  }
}
