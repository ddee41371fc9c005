import { crc32 } from 'node:zlib';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
const TYPE_STRING = 7;

/**
 * One message of `application/vnd.amazon.eventstream`, all numbers big endian:
 *
 *     total length (4) | headers length (4) | CRC of these 8 (4) | headers | payload | CRC of all before (4)
 *
 * and each header: name length (1) | name | type 7 (1) | value length (2) | value.
 */
export function eventStreamMessage(headers: Readonly<Record<string, string>>, payload: Uint8Array): Buffer {
  const head = encodeHeaders(headers);
  const total = PRELUDE_BYTES + head.length + payload.length + CRC_BYTES;
  const message = Buffer.allocUnsafe(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  message.set(head, PRELUDE_BYTES);
  message.set(payload, PRELUDE_BYTES + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - CRC_BYTES)), total - CRC_BYTES);
  return message;
}

/** The headers of each kind of message are constant, so they are encoded once. */
const encoded = new Map<string, Buffer>();
const ENCODED_MAX = 256;

function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const key = JSON.stringify(headers);
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const valueBytes = Buffer.from(value);
    const length = Buffer.alloc(3);
    length.writeUInt8(TYPE_STRING, 0);
    length.writeUInt16BE(valueBytes.length, 1);
    parts.push(Buffer.from([name.length]), Buffer.from(name), length, valueBytes);
  }
  const bytes = Buffer.concat(parts);
  if (encoded.size < ENCODED_MAX) encoded.set(key, bytes);
  return bytes;
}
