import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { expiredIterator, invalidIterator } from '../errors.ts';
import { kinesisLimits } from '../limits.ts';

/**
 * A position in a shard, as clients get it: base64 of 0,0,0,0,0,0,0,1 (as AWS's begin), a nonce, and the fields
 * encrypted with AES-256-GCM. The server keeps no state, so iterators survive a restart and cost no memory; a
 * modified or invented one does not decrypt.
 */
export interface IteratorFields {
  readonly streamId: string;
  readonly streamName: string;
  readonly shardIndex: number;
  /** The index in the shard's log of the next record to read. */
  readonly position: number;
  readonly createdMs: number;
}

const PREFIX = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FIXED_BYTES = 8 + 8 + 4 + 1;

export class IteratorCodec {
  readonly #key: Buffer;
  /** Unique for each token: a random part for this process, and a counter. */
  readonly #nonce: Buffer;
  #count = 0;

  /** `key` has 32 bytes and is the same after a restart. */
  constructor(key: Buffer) {
    this.#key = key;
    this.#nonce = Buffer.concat([randomBytes(NONCE_BYTES - 6), Buffer.alloc(6)]);
  }

  encode(fields: IteratorFields): string {
    this.#nonce.writeUIntBE(this.#count++, NONCE_BYTES - 6, 6);
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce);
    const encrypted = cipher.update(pack(fields));
    cipher.final();
    return Buffer.concat([PREFIX, this.#nonce, encrypted, cipher.getAuthTag()]).toString('base64');
  }

  /** Throws InvalidArgumentException, and ExpiredIteratorException five minutes after the iterator was made. */
  open(token: string, nowMs: number): IteratorFields {
    const iterator = this.decode(token);
    if (iterator === undefined) throw invalidIterator();
    const { createdMs } = iterator;
    const { iteratorLifeMs } = kinesisLimits;
    if (nowMs - createdMs > iteratorLifeMs) throw expiredIterator(createdMs, nowMs, iteratorLifeMs);
    return iterator;
  }

  /** Undefined for a token that this server has not made. */
  decode(given: string): IteratorFields | undefined {
    // As AWS: what `aws kinesis get-shard-iterator --query ShardIterator` prints is passed on with its quotation marks.
    const token = given.startsWith('"') && given.endsWith('"') ? given.slice(1, -1) : given;
    const bytes = Buffer.from(token, 'base64');
    const least = PREFIX.length + NONCE_BYTES + FIXED_BYTES + TAG_BYTES;
    if (bytes.length < least || bytes.toString('base64') !== token) return undefined;
    if (bytes.compare(PREFIX, 0, PREFIX.length, 0, PREFIX.length) !== 0) return undefined;
    const nonce = bytes.subarray(PREFIX.length, PREFIX.length + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(PREFIX.length + NONCE_BYTES, -TAG_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return unpack(plain);
  }
}

function pack(fields: IteratorFields): Buffer {
  const id = Buffer.from(fields.streamId, 'latin1');
  const name = Buffer.from(fields.streamName, 'latin1');
  const plain = Buffer.allocUnsafe(FIXED_BYTES + id.length + name.length);
  plain.writeDoubleBE(fields.createdMs, 0);
  plain.writeDoubleBE(fields.position, 8);
  plain.writeUInt32BE(fields.shardIndex, 16);
  plain.writeUInt8(id.length, 20);
  id.copy(plain, FIXED_BYTES);
  name.copy(plain, FIXED_BYTES + id.length);
  return plain;
}

function unpack(plain: Buffer): IteratorFields {
  const nameOffset = FIXED_BYTES + plain.readUInt8(20);
  return {
    createdMs: plain.readDoubleBE(0),
    position: plain.readDoubleBE(8),
    shardIndex: plain.readUInt32BE(16),
    streamId: plain.toString('latin1', FIXED_BYTES, nameOffset),
    streamName: plain.toString('latin1', nameOffset),
  };
}
