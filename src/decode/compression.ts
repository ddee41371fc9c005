import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { hasErrorCode } from '../support/errno.ts';
import { decodeLimits } from './limits.ts';
import { NotDecodable } from './reader.ts';

export interface Compression {
  readonly name: 'gzip' | 'zlib' | 'zstd';
  /** Whether the first bytes are those of the format. */
  matches(bytes: Uint8Array): boolean;
  unpack(bytes: Uint8Array): Buffer;
}

const bounded = { maxOutputLength: decodeLimits.decompressedBytesMax };

export const compressions: readonly Compression[] = [
  {
    name: 'gzip',
    matches: ([first, second]) => first === 0x1f && second === 0x8b,
    unpack: (bytes) => unpacked(() => gunzipSync(bytes, bounded)),
  },
  {
    name: 'zstd',
    matches: ([a, b, c, d]) => a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd,
    unpack: (bytes) => unpacked(() => zstdDecompressSync(bytes, bounded)),
  },
  {
    name: 'zlib',
    matches: ([first = 0, second = 0]) => first === 0x78 && (first * 256 + second) % 31 === 0,
    unpack: (bytes) => unpacked(() => inflateSync(bytes, bounded)),
  },
];

function unpacked(unpack: () => Buffer): Buffer {
  try {
    return unpack();
  } catch (error) {
    if (hasErrorCode(error, 'ERR_BUFFER_TOO_LARGE')) {
      throw new NotDecodable(`more than ${decodeLimits.decompressedBytesMax} bytes decompressed`);
    }
    throw new NotDecodable('it begins like one, but is damaged');
  }
}
