import { createCipheriv, createDecipheriv, type Cipheriv, type Decipheriv } from 'node:crypto';
import type { LogId } from '../../engine/engine.ts';

/** What a receipt handle names: a message, and the receive that returned it. */
export interface Receipt {
  readonly log: LogId;
  readonly index: number;
  readonly receive: number;
}

const BLOCK_BYTES = 16;
const LOG_BYTES = 4;
const INDEX_BYTES = 6;
/**
 * A block in base64: the last character has four bits that stand for nothing. Handles of earlier versions are in
 * base64url, which may begin with a hyphen: a command line takes that for an option.
 */
const HANDLE = /^[A-Za-z0-9+/_-]{21}[AQgw](?:==)?$/;

/**
 * Receipt handles: one block each, encrypted with a key of the queue. A client without a handle of this queue can only
 * guess: a block that was made otherwise decrypts to a log of this queue in one of four billion cases. The blocks of a
 * call are encrypted together, because a call of the cipher costs more than a block.
 */
export class ReceiptHandles {
  readonly #cipher: Cipheriv;
  readonly #decipher: Decipheriv;

  constructor(key: Buffer) {
    // A single block needs no chaining, so that both can be used for any number of handles.
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  encode(receipts: readonly Receipt[]): string[] {
    const blocks = Buffer.allocUnsafe(receipts.length * BLOCK_BYTES);
    let at = 0;
    for (const { log, index, receive } of receipts) {
      at = blocks.writeUInt32BE(log, at);
      at = blocks.writeUIntBE(index, at, INDEX_BYTES);
      at = blocks.writeUIntBE(receive, at, INDEX_BYTES);
    }
    const sealed = this.#cipher.update(blocks);
    return receipts.map((_receipt, ordinal) =>
      sealed.toString('base64', ordinal * BLOCK_BYTES, (ordinal + 1) * BLOCK_BYTES),
    );
  }

  /** Undefined for a text that is no handle; the caller checks whether the message can exist. */
  decode(handles: readonly string[]): (Receipt | undefined)[] {
    const sealed = Buffer.alloc(handles.length * BLOCK_BYTES);
    const areWhole = handles.map((handle, ordinal) => {
      if (!HANDLE.test(handle)) return false;
      sealed.write(handle, ordinal * BLOCK_BYTES, BLOCK_BYTES, 'base64');
      return true;
    });
    const blocks = this.#decipher.update(sealed);
    return areWhole.map((isWhole, ordinal) => {
      if (!isWhole) return undefined;
      const from = ordinal * BLOCK_BYTES;
      return {
        log: blocks.readUInt32BE(from),
        index: blocks.readUIntBE(from + LOG_BYTES, INDEX_BYTES),
        receive: blocks.readUIntBE(from + LOG_BYTES + INDEX_BYTES, INDEX_BYTES),
      };
    });
  }
}
