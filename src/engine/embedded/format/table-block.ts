import { crc32 } from 'node:zlib';

import { DamageError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/**
 * A table file consists of blocks. Each has a checksum and its own place, so that misplaced bytes are detected and the
 * block after a damaged one can be found:
 *   u32 crc of the rest | u32 magic | u32 kind | u32 bytes of the body | u64 number of the file
 *   u64 position of the block in its file | body
 */
export const BLOCK_HEADER_BYTES = 32;
export const BLOCK_MAGIC = 0x62_54_67_6e;

export const BLOCK_KINDS = { rows: 1, section: 2, top: 3 } as const;
export type BlockKind = keyof typeof BLOCK_KINDS;

export interface BlockPlace {
  readonly file: number;
  readonly position: number;
}

/** Writes the header of `block`, which contains its body already. */
export function sealBlock(block: Buffer, kind: BlockKind, place: BlockPlace): void {
  const header = new ByteWriter(BLOCK_HEADER_BYTES);
  header.u32(0);
  header.u32(BLOCK_MAGIC);
  header.u32(BLOCK_KINDS[kind]);
  header.u32(block.length - BLOCK_HEADER_BYTES);
  header.u64(place.file);
  header.u64(place.position);
  block.set(header.finish(), 0);
  block.writeUInt32LE(crc32(block.subarray(4)), 0);
}

export function encodeBlock(body: Uint8Array, kind: BlockKind, place: BlockPlace): Buffer {
  const block = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + body.length);
  block.set(body, BLOCK_HEADER_BYTES);
  sealBlock(block, kind, place);
  return block;
}

/** Returns the body of the block at the start of `bytes`; undefined when it is damaged. */
export function openBlock(bytes: Buffer, kind: BlockKind, place: BlockPlace): Buffer | undefined {
  const header = blockHeader(bytes, place);
  if (header === undefined || header.kind !== kind || header.end > bytes.length) return undefined;
  if (crc32(bytes.subarray(4, header.end)) !== bytes.readUInt32LE(0)) return undefined;
  return bytes.subarray(BLOCK_HEADER_BYTES, header.end);
}

/** Like openBlock, but throws DamageError. */
export function checkedBlock(bytes: Buffer, kind: BlockKind, place: BlockPlace, path: string): Buffer {
  const body = openBlock(bytes, kind, place);
  if (body === undefined) throw new DamageError(path, place.position, 'checksum mismatch in a block');
  return body;
}

/** The header's claims about the block at that place. Trust them only after verifying the checksum. */
export function blockHeader(
  bytes: Buffer,
  place: BlockPlace,
): { readonly kind: BlockKind; readonly end: number } | undefined {
  if (bytes.length < BLOCK_HEADER_BYTES) return undefined;
  const from = new ByteReader(bytes);
  from.u32();
  const [magic, code, body, file, position] = [from.u32(), from.u32(), from.u32(), from.u64(), from.u64()];
  if (magic !== BLOCK_MAGIC || file !== place.file || position !== place.position) return undefined;
  const kind = (['rows', 'section', 'top'] as const).find((name) => BLOCK_KINDS[name] === code);
  return kind === undefined ? undefined : { kind, end: BLOCK_HEADER_BYTES + body };
}
