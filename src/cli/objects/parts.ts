import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { cliLimits } from '../limits.ts';

/** A part of what becomes an object. */
export interface Part {
  readonly number: number;
  readonly body: Buffer;
  /** CRC-32 of its bytes, as in headers. */
  readonly checksum: string;
  /** CRC-32 of all bytes up to its end. */
  readonly checksumSoFar: string;
  readonly isLast: boolean;
}

/** Cuts what is read into parts, the last of which may be shorter, or empty if it is the only one. */
export async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  partBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Part, void, undefined> {
  // An input that sends nothing any more can be left by the signal only if it is a stream.
  const stream = new PassThrough({ highWaterMark: cliLimits.objectReadBytes });
  // What fails ends the stream with the reason.
  void pipeline(source, stream, { signal }).catch(() => undefined);
  let number = 1;
  let whole = 0;
  let chunks: Buffer[] = [];
  let bytes = 0;
  const cut = (body: Buffer, isLast: boolean): Part => {
    whole = crc32(body, whole);
    const checksum = checksumText(crc32(body));
    return { number: number++, body, checksum, checksumSoFar: checksumText(whole), isLast };
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Only what is followed by more is surely not the last.
    while (bytes > partBytes) {
      const all = Buffer.concat(chunks, bytes);
      chunks = [all.subarray(partBytes)];
      bytes -= partBytes;
      yield cut(all.subarray(0, partBytes), false);
    }
  }
  yield cut(Buffer.concat(chunks, bytes), true);
}

/** A CRC-32 as in headers: base64, the highest byte first. */
export function checksumText(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}
