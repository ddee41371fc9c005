import { adoptBuffer, detachBuffer, releaseBuffer } from '../support/buffer-pool.ts';

const EMPTY = Buffer.alloc(0);

/**
 * The whole body of a request, with its memory, which may be pooled. Its reader releases it; a body that
 * is not released is collected as usual.
 */
export class RequestBody {
  static readonly empty = new RequestBody(EMPTY);
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Valid until the memory is released or detached. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Nothing refers to the bytes any more. */
  release(): void {
    releaseBuffer(this.#bytes);
  }

  /** Parses a small JSON body and releases it. Throws SyntaxError. */
  json(): unknown {
    const text = this.#bytes.toString();
    this.release();
    return JSON.parse(text);
  }

  /** Detaches the memory, to be moved to another thread; undefined if it is not pooled. `adopt` puts it back. */
  detach(): ArrayBuffer | undefined {
    return detachBuffer(this.#bytes);
  }

  adopt(memory: ArrayBuffer, bytes: number): void {
    this.#bytes = adoptBuffer(memory, bytes);
  }
}
