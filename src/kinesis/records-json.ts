import { unpack } from '../engine/packed-records.ts';
import type { ShardRead } from './read.ts';
import { asBuffer, dataOffset, isEncrypted, keyRange } from './record-codec.ts';
import { SEQUENCE_NUMBER_DIGITS } from './sequence-number.ts';
import type { Shard } from './shard.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

const START = '{"Records":[';
const NUMBER = Buffer.from('{"SequenceNumber":"');
const KEY = Buffer.from('","PartitionKey":"');
const END = Buffer.from('"},');
/** At most, of a record: what is around its number, its data and its key, with the time. */
const AROUND_BYTES = NUMBER.length + SEQUENCE_NUMBER_DIGITS + 80 + KEY.length + END.length;

export interface RecordBytes {
  data: number;
  keys: number;
}

/** Undefined when some records are encrypted, and have to be opened to know. */
export function plainBytes({ batches }: ShardRead): RecordBytes | undefined {
  const total = { data: 0, keys: 0 };
  let plain = true;
  for (const batch of batches) {
    const bytes = asBuffer(batch.bytes);
    unpack(batch, (_ordinal, offset, length) => {
      if (isEncrypted(bytes, offset)) return (plain = false);
      const key = keyRange(bytes, offset);
      total.data += offset + length - dataOffset(bytes, offset);
      total.keys += key.end - key.start;
      return true;
    });
  }
  return plain ? total : undefined;
}

/**
 * The answer of GetRecords as JSON, from the engine's bytes to the socket's without an object or a text for each
 * record: what the general encoder would give, several times as fast. `rest` has the members after Records.
 */
export function recordsJson(shard: Shard, { batches }: ShardRead, rest: object): Buffer {
  const after = JSON.stringify(rest);
  let expected = START.length + after.length + 2;
  for (const { count, bytes } of batches) expected += count * AROUND_BYTES + Math.ceil(bytes.length * 1.35);
  const out = new Output(expected);
  out.ascii(START);
  let any = false;
  for (const batch of batches) {
    const bytes = asBuffer(batch.bytes);
    const run = shard.sequenceRun(batch.firstIndex, batch.arrivalMs);
    const data = Buffer.from(`","ApproximateArrivalTimestamp":${batch.arrivalMs / 1000},"Data":"`);
    unpack(batch, (_ordinal, offset, length) => {
      any = true;
      const key = keyRange(bytes, offset);
      const dataStart = dataOffset(bytes, offset);
      out.reserve(
        AROUND_BYTES + Math.ceil(((offset + length - dataStart) * 4) / 3) + 4 + (key.end - key.start) * 6,
      );
      out.bytes(NUMBER);
      out.at += run.writeNext(out.buffer, out.at);
      out.bytes(data);
      out.base64(bytes, dataStart, offset + length);
      out.bytes(KEY);
      out.text(bytes, key.start, key.end);
      out.bytes(END);
    });
  }
  if (any) out.at--; // the last comma
  out.reserve(after.length * 3 + 2);
  out.ascii('],');
  out.at += out.buffer.write(after.slice(1), out.at);
  return out.buffer.subarray(0, out.at);
}

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
/** Below that, calling node's encoder takes longer than encoding here. */
const SHORT_BYTES_MAX = 200;

/** Bytes that are written one after another. Whoever writes has reserved the room. */
class Output {
  buffer: Buffer;
  at = 0;

  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafe(expectedBytes);
  }

  reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.at + bytes, Math.ceil(this.buffer.length * 1.5)));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }

  ascii(text: string): void {
    this.at += this.buffer.write(text, this.at, 'latin1');
  }

  bytes(bytes: Uint8Array): void {
    const { buffer, at } = this;
    for (let i = 0; i < bytes.length; i++) buffer[at + i] = bytes[i] ?? 0;
    this.at = at + bytes.length;
  }

  /** As it stands between quotes in JSON. */
  text(bytes: Buffer, start: number, end: number): void {
    const { buffer } = this;
    let at = this.at;
    for (let from = start; from < end; from++) {
      const byte = bytes[from] ?? 0;
      if (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === BACKSLASH) {
        this.at += buffer.write(JSON.stringify(bytes.toString('utf8', start, end)).slice(1, -1), this.at);
        return;
      }
      buffer[at++] = byte;
    }
    this.at = at;
  }

  base64(bytes: Buffer, start: number, end: number): void {
    if (end - start > SHORT_BYTES_MAX) {
      this.ascii(bytes.toString('base64', start, end));
      return;
    }
    const { buffer } = this;
    let { at } = this;
    let from = start;
    for (; from + 3 <= end; from += 3) {
      const three = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
      buffer[at] = ALPHABET[three >> 18] ?? 0;
      buffer[at + 1] = ALPHABET[(three >> 12) & 63] ?? 0;
      buffer[at + 2] = ALPHABET[(three >> 6) & 63] ?? 0;
      buffer[at + 3] = ALPHABET[three & 63] ?? 0;
      at += 4;
    }
    if (from < end) {
      const two = ((bytes[from] ?? 0) << 8) | (from + 1 < end ? (bytes[from + 1] ?? 0) : 0);
      buffer[at] = ALPHABET[two >> 10] ?? 0;
      buffer[at + 1] = ALPHABET[(two >> 4) & 63] ?? 0;
      buffer[at + 2] = from + 1 < end ? (ALPHABET[(two << 2) & 63] ?? 0) : PAD;
      buffer[at + 3] = PAD;
      at += 4;
    }
    this.at = at;
  }
}
