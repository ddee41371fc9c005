import { constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { type DecodeStep, decodePayload } from './decode.ts';
import { compressions } from './compression.ts';
import { hexDump } from './hex.ts';
import { decodeLimits } from './limits.ts';

/** The beginning of something long, as a text. */
export interface Head {
  readonly steps: readonly DecodeStep[];
  readonly format: string;
  readonly text: string;
}

/** Text where it is text, also compressed, and a hex dump otherwise. Never throws. */
export function decodeHead(bytes: Uint8Array, isWhole: boolean): Head {
  if (isWhole) {
    const { steps, parts } = decodePayload(bytes);
    const [first] = parts;
    if (first === undefined || parts.length > 1) return plainHead(bytes, []);
    const { format, value, text } = first;
    const isTree = value !== undefined;
    return {
      steps: [...steps, ...first.steps],
      format,
      text: isTree ? JSON.stringify(value, undefined, 2) : text,
    };
  }
  const compression = compressions.find((one) => one.matches(bytes));
  if (compression === undefined) return plainHead(bytes, []);
  try {
    const unpacked = unpackers[compression.name](bytes);
    return plainHead(unpacked, [{ name: compression.name, says: 'its beginning' }]);
  } catch {
    return plainHead(bytes, []);
  }
}

const maxOutputLength = decodeLimits.decompressedBytesMax;
const cutOff = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };

/** They take bytes that end anywhere. */
const unpackers = {
  gzip: (bytes: Uint8Array) => gunzipSync(bytes, cutOff),
  zlib: (bytes: Uint8Array) => inflateSync(bytes, cutOff),
  zstd: (bytes: Uint8Array) =>
    zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush }),
} as const;

function plainHead(bytes: Uint8Array, steps: readonly DecodeStep[]): Head {
  try {
    // Its last character may be cut off.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    if (!text.includes('\0')) return { steps, format: 'text', text };
  } catch {
    // Other bytes.
  }
  return { steps, format: 'hex', text: hexDump(bytes.subarray(0, decodeLimits.hexBytesMax)) };
}
