import type { RecordPacker } from '../../engine/packed-records.ts';
import { asBuffer } from '../../support/as-buffer.ts';

/** A message in the form in which it is sent and stored. */
export interface Message {
  /** 16 bytes; a message keeps it when it moves to a dead-letter queue. */
  readonly id: Buffer;
  /** MD5 of the body, hexadecimal: as text it costs half of what it would as a buffer. */
  readonly digest: string;
  readonly body: string | Uint8Array;
  /** Of the queue in which it was first, when it has moved. */
  readonly sentMs?: number | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  /** JSON: what the owner keeps beside the body. */
  readonly extra?: string | undefined;
}

const HAS_SENT = 1;
const HAS_GROUP = 2;
const HAS_DEDUPLICATION = 4;
const HAS_EXTRA = 8;
/** Flags, id and digest. */
const FIXED_BYTES = 33;
const SENT_BYTES = 8;

/**
 * Adds a message to a batch of records: flags (1 byte), id (16), digest (16), then, if the flags say so, the time (a
 * 64-bit float), group and deduplication id (each after its length, 2 bytes), extra (after its length, 4 bytes), and
 * the body to the end. Numbers are little-endian, texts UTF-8.
 */
export function packMessage(packer: RecordPacker, message: Message): number {
  const { id, digest, body, sentMs, groupId, deduplicationId, extra } = message;
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const groupBytes = groupId === undefined ? 0 : 2 + Buffer.byteLength(groupId);
  const deduplicationBytes = deduplicationId === undefined ? 0 : 2 + Buffer.byteLength(deduplicationId);
  const extraBytes = extra === undefined ? 0 : 4 + Buffer.byteLength(extra);
  const sentBytes = sentMs === undefined ? 0 : SENT_BYTES;
  const bytes = FIXED_BYTES + sentBytes + groupBytes + deduplicationBytes + extraBytes + bodyBytes;
  const { buffer, offset } = packer.reserve(bytes);
  buffer[offset] =
    (sentMs === undefined ? 0 : HAS_SENT) |
    (groupId === undefined ? 0 : HAS_GROUP) |
    (deduplicationId === undefined ? 0 : HAS_DEDUPLICATION) |
    (extra === undefined ? 0 : HAS_EXTRA);
  buffer.set(id, offset + 1);
  buffer.write(digest, offset + 17, 'hex');
  let at = offset + FIXED_BYTES;
  if (sentMs !== undefined) at = buffer.writeDoubleLE(sentMs, at);
  if (groupId !== undefined) at += buffer.write(groupId, buffer.writeUInt16LE(groupBytes - 2, at)) + 2;
  if (deduplicationId !== undefined)
    at += buffer.write(deduplicationId, buffer.writeUInt16LE(deduplicationBytes - 2, at)) + 2;
  if (extra !== undefined) at += buffer.write(extra, buffer.writeUInt32LE(extraBytes - 4, at)) + 4;
  if (typeof body === 'string') buffer.write(body, at);
  else buffer.set(body, at);
  return bytes;
}

/** A stored message; its parts are decoded when they are wanted. */
export class MessageView {
  readonly #bytes: Buffer;
  readonly #flags: number;
  readonly sentMs: number | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly extra: string | undefined;
  readonly #bodyFrom: number;

  constructor(payload: Uint8Array) {
    const bytes = asBuffer(payload);
    this.#bytes = bytes;
    this.#flags = bytes[0] ?? 0;
    let at = FIXED_BYTES;
    if (this.#has(HAS_SENT)) {
      this.sentMs = bytes.readDoubleLE(at);
      at += SENT_BYTES;
    }
    if (this.#has(HAS_GROUP)) {
      const length = bytes.readUInt16LE(at);
      this.groupId = bytes.toString('utf8', at + 2, at + 2 + length);
      at += 2 + length;
    }
    if (this.#has(HAS_DEDUPLICATION)) {
      const length = bytes.readUInt16LE(at);
      this.deduplicationId = bytes.toString('utf8', at + 2, at + 2 + length);
      at += 2 + length;
    }
    if (this.#has(HAS_EXTRA)) {
      const length = bytes.readUInt32LE(at);
      this.extra = bytes.toString('utf8', at + 4, at + 4 + length);
      at += 4 + length;
    }
    this.#bodyFrom = at;
  }

  get storedBytes(): number {
    return this.#bytes.length;
  }

  get id(): Buffer {
    return this.#bytes.subarray(1, 17);
  }

  get digest(): string {
    return this.#bytes.toString('hex', 17, FIXED_BYTES);
  }

  get body(): Buffer {
    return this.#bytes.subarray(this.#bodyFrom);
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }
}

/** Only the group of a stored message, which a FIFO queue wants of every message that it reads. */
export function groupOf(payload: Uint8Array): string {
  return new MessageView(payload).groupId ?? '';
}
