import { crc32 } from 'node:zlib';

import { asBuffer } from '../../support/as-buffer.ts';
import { UserError } from '../../errors.ts';
import { ownerOf } from './owner-info.ts';
import type { OwnerInfo, SharedFrame } from './shared-log.ts';

/**
 * The bytes of a frame, the same in every store:
 *   u32 magic | u8 version | u8 kind | u16 zero | u32 payload bytes | u64 term | u32 crc | payload
 * All numbers are little-endian. The CRC-32 covers the payload and the header before it. The payload of a takeover is
 * the owner as JSON, with an id that tells apart two takeovers of the same term.
 */
export const ENVELOPE_BYTES = 24;

const MAGIC = 0x67_4c_53_6e;
const VERSION = 1;
const CRC_AT = 20;
const TWO_32 = 2 ** 32;
const KINDS = ['', 'takeover', 'commit', 'heartbeat', 'handover'] as const;

/** Takeovers carry the owner instead of a payload. */
export type FrameContent =
  | { readonly kind: 'takeover'; readonly owner: OwnerInfo; readonly id: string }
  | { readonly kind: Exclude<SharedFrame['kind'], 'takeover'>; readonly payload: readonly Uint8Array[] };

/** The frame as pieces to be written one after another; those of the payload are the caller's own, not copies. */
export function encodeFrame(term: number, content: FrameContent): Uint8Array[] {
  const payload =
    content.kind === 'takeover'
      ? [Buffer.from(JSON.stringify({ ...content.owner, id: content.id }))]
      : content.payload;
  let bytes = 0;
  for (const piece of payload) bytes += piece.length;
  const header = Buffer.alloc(ENVELOPE_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt8(VERSION, 4);
  header.writeUInt8(KINDS.indexOf(content.kind), 5);
  header.writeUInt32LE(bytes, 8);
  header.writeUInt32LE(term % TWO_32, 12);
  header.writeUInt32LE(Math.floor(term / TWO_32), 16);
  let crc = crc32(header.subarray(0, CRC_AT));
  for (const piece of payload) crc = crc32(piece, crc);
  header.writeUInt32LE(crc, CRC_AT);
  return [header, ...payload];
}

export interface DecodedFrame extends SharedFrame {
  /** Of a takeover: the `id` that it was encoded with. */
  readonly id?: string;
}

/** The payload shares the memory of `bytes`. Throws FrameError. */
export function decodeFrame(bytes: Uint8Array, position: number): DecodedFrame {
  const header = asBuffer(bytes);
  if (header.length < ENVELOPE_BYTES || header.readUInt32LE(0) !== MAGIC) {
    throw new FrameError(position, 'it was not written by nagare');
  }
  const version = header.readUInt8(4);
  if (version > VERSION) {
    throw new FrameError(
      position,
      `it has version ${version}, and this nagare reads versions up to ${VERSION}. Start it with the nagare that wrote it`,
    );
  }
  const payload = bytes.subarray(ENVELOPE_BYTES);
  if (
    header.readUInt32LE(8) !== payload.length ||
    crc32(payload, crc32(header.subarray(0, CRC_AT))) !== header.readUInt32LE(CRC_AT)
  ) {
    throw new FrameError(position, 'checksum mismatch');
  }
  const term = header.readUInt32LE(12) + header.readUInt32LE(16) * TWO_32;
  const kind = KINDS[header.readUInt8(5)] ?? '';
  if (kind === '') throw new FrameError(position, 'it is of a kind that this nagare does not know');
  const frame = { kind, term, position, payload };
  return kind === 'takeover' ? { ...frame, ...ownerIn(payload, position) } : frame;
}

function ownerIn(payload: Uint8Array, position: number): { owner: OwnerInfo; id: string } {
  // The checksum proves that encodeFrame wrote these bytes, perhaps that of another version.
  const takeover = JSON.parse(Buffer.from(payload).toString()) as Partial<OwnerInfo & { id: string }>;
  const { id } = takeover;
  const owner = ownerOf(takeover);
  if (owner === undefined || id === undefined) {
    throw new FrameError(position, 'a takeover without its owner');
  }
  return { owner, id };
}

/** What the store has at this position is not a frame that this nagare can read. It is never skipped. */
export class FrameError extends UserError {
  override readonly name = 'FrameError';
  readonly position: number;

  constructor(position: number, what: string) {
    super(`the shared log cannot be read at position ${position}: ${what}`);
    this.position = position;
  }
}
