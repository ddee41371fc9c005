import { decodeFrame, type DecodedFrame } from '../shared/envelope.ts';
import { SlotError } from './errors.ts';

/**
 * The log is a row of objects, PREFIX0000000000000000 and so on, each with one frame, whose position is the number of the
 * object. An object:
 *
 *   u32 magic | u8 version | u8 zero | u16 zero | 16 bytes id | u64 takeover slot | u64 kept from slot | frame
 *
 * All numbers are little-endian. The id tells the writer whether the object that exists is its own. The takeover slot is
 * that of the owner's takeover. In the takeover itself the two slots are the range that trimming keeps (see trim.ts),
 * and the takeover before it is named by the last object that it follows.
 */
export const SLOT_HEADER_BYTES = 40;
const MAGIC = 0x31_4c_53_6e;
const VERSION = 1;
const SLOT_DIGITS = String(Number.MAX_SAFE_INTEGER).length;

export function slotKey(prefix: string, slot: number): string {
  return `${prefix}${String(slot).padStart(SLOT_DIGITS, '0')}`;
}

export interface SlotHeader {
  readonly id: Buffer;
  readonly takeoverSlot: number;
  readonly keptFrom: number;
}

export interface Slot extends SlotHeader {
  readonly slot: number;
  readonly frame: DecodedFrame;
}

/** One copy of the frame's bytes: the SDK takes a body in one piece. */
export function encodeSlot(header: SlotHeader, frame: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(SLOT_HEADER_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt8(VERSION, 4);
  header.id.copy(head, 8);
  head.writeBigUInt64LE(BigInt(header.takeoverSlot), 24);
  head.writeBigUInt64LE(BigInt(header.keptFrom), 32);
  return Buffer.concat([head, ...frame]);
}

/** The frame shares the memory of `bytes`. Throws SlotError, or FrameError. */
export function decodeSlot(key: string, slot: number, bytes: Buffer): Slot {
  if (bytes.length < SLOT_HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) {
    throw new SlotError(key, 'it was not written by nagare');
  }
  const version = bytes.readUInt8(4);
  if (version > VERSION) throw new SlotError(key, `it has version ${version}; a newer nagare wrote it`);
  return {
    slot,
    id: bytes.subarray(8, 24),
    takeoverSlot: Number(bytes.readBigUInt64LE(24)),
    keptFrom: Number(bytes.readBigUInt64LE(32)),
    frame: decodeFrame(bytes.subarray(SLOT_HEADER_BYTES), slot),
  };
}
