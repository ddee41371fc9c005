import { crc32 } from 'node:zlib';

import type { DiskFile } from '../disk.ts';
import type { ChunkEntry, Entry } from '../format/entries.ts';
import {
  decodeHead,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  headerLengths,
  type FrameHead,
} from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../read/segment-file.ts';

export interface ScannedFrame extends FrameHead {
  readonly entries: readonly Entry[];
  readonly payloadAt: number;
  readonly payload: Buffer;
  /** Chunks with damaged records; the head is intact, so their place and number are known. */
  readonly damaged: readonly ChunkEntry[];
}

export interface ScanResult {
  /** Where the intact frames end. */
  readonly end: number;
  /** Why the frame at `end` is not accepted; undefined at the end of the file. */
  readonly fault: string | undefined;
}

/** Calls `visit` with each intact frame from `from` on, in order, until the file ends or a frame is damaged. */
export async function scanFrames(
  file: DiskFile,
  options: { readonly segment: number; readonly from?: number; readonly until?: number },
  visit: (frame: ScannedFrame) => void | Promise<void>,
): Promise<ScanResult> {
  const size = Math.min(await file.size(), options.until ?? Infinity);
  const window = new FileWindow(file, size);
  let at = options.from ?? SEGMENT_HEADER_BYTES;
  while (at < size) {
    const frame = await readFrame(window, options.segment, at);
    if (typeof frame === 'string') return { end: at, fault: frame };
    const [damaged] = frame.damaged;
    if (damaged !== undefined) return { end: at, fault: faultOf(damaged) };
    const visited = visit(frame);
    if (visited !== undefined) await visited;
    at = frame.payloadAt + frame.payloadBytes;
  }
  return { end: at, fault: undefined };
}

/** Describes a frame with damaged records. */
export function faultOf({ log, firstIndex }: ChunkEntry): string {
  return `checksum mismatch in the records of log ${log} from ${firstIndex} on`;
}

/** Reads the frame at a place, also one with damaged records; undefined when its head is damaged or truncated. */
export async function readFrameAt(
  file: DiskFile,
  segment: number,
  position: number,
): Promise<ScannedFrame | undefined> {
  const frame = await readFrame(new FileWindow(file, await file.size()), segment, position);
  return typeof frame === 'string' ? undefined : frame;
}

/** The intact chunks of a frame, with their places in the file. */
export function* chunksOf(frame: ScannedFrame): IterableIterator<[ChunkEntry, Buffer, offset: number]> {
  let offset = 0;
  for (const entry of frame.entries) {
    if (entry.kind !== 'chunk') continue;
    if (!frame.damaged.includes(entry)) {
      yield [entry, frame.payload.subarray(offset, offset + entry.bytes), frame.payloadAt + offset];
    }
    offset += entry.bytes;
  }
}

/** Like scanFrames, without the records: those of a sealed segment are verified when they are read. */
export async function scanHeads(
  file: DiskFile,
  options: { readonly segment: number; readonly until: number },
  visit: (frame: FrameHead & { readonly entries: readonly Entry[] }) => void,
): Promise<ScanResult> {
  const size = Math.min(await file.size(), options.until);
  const window = new FileWindow(file, size);
  let at = SEGMENT_HEADER_BYTES;
  while (at < size) {
    const head = await readHead(window, options.segment, at);
    if (typeof head === 'string') return { end: at, fault: head };
    visit(head);
    at += head.headBytes + head.payloadBytes;
  }
  return { end: at, fault: undefined };
}

/** The position of an intact frame head after `from`: proof that the bytes before it had been synced. */
export async function findLaterFrame(
  file: DiskFile,
  segment: number,
  from: number,
): Promise<number | undefined> {
  const size = await file.size();
  const window = new FileWindow(file, size);
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(FRAME_MAGIC);
  const STEP = 1 << 20;
  for (let start = from + 1; start < size; start += STEP) {
    const length = Math.min(STEP + magic.length, size - start);
    const bytes = await window.bytes(start, length);
    for (let hit = bytes.indexOf(magic); hit !== -1; hit = bytes.indexOf(magic, hit + 1)) {
      const position = start + hit - magic.length;
      if (position > from && typeof (await readHead(window, segment, position)) !== 'string') return position;
    }
  }
  return undefined;
}

/** Reads the head of one frame, to look up an idempotency key. */
export async function readHeadAt(
  read: (into: Uint8Array, position: number) => Promise<number>,
  segment: number,
  position: number,
): Promise<Entry[] | undefined> {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  await read(header, position);
  const lengths = headerLengths(header);
  if (lengths === undefined) return undefined;
  const head = Buffer.alloc(lengths.headBytes);
  await read(head, position);
  return decodeHead(head, segment, position)?.entries;
}

async function readFrame(window: FileWindow, segment: number, at: number): Promise<ScannedFrame | string> {
  const head = await readHead(window, segment, at);
  if (typeof head === 'string') return head;
  const payloadAt = at + head.headBytes;
  const payload = await window.bytes(payloadAt, head.payloadBytes);
  const damaged: ChunkEntry[] = [];
  let offset = 0;
  for (const entry of head.entries) {
    if (entry.kind !== 'chunk') continue;
    const chunk = payload.subarray(offset, offset + entry.bytes);
    if (crc32(chunk) !== entry.crc) damaged.push(entry);
    offset += entry.bytes;
  }
  return { ...head, payloadAt, payload, damaged };
}

async function readHead(
  window: FileWindow,
  segment: number,
  at: number,
): Promise<(FrameHead & { entries: Entry[] }) | string> {
  if (at + FRAME_HEADER_BYTES > window.size) return 'a commit is truncated';
  const lengths = headerLengths(await window.bytes(at, FRAME_HEADER_BYTES));
  if (lengths === undefined) return 'no commit begins here';
  if (at + lengths.headBytes + lengths.payloadBytes > window.size) return 'a commit is truncated';
  const decoded = decodeHead(await window.bytes(at, lengths.headBytes), segment, at);
  return decoded === undefined
    ? 'checksum mismatch in the head of a commit'
    : { ...decoded.head, entries: decoded.entries };
}

const WINDOW_BYTES = 4 << 20;

/** Reads a file in large steps. Returned bytes stay valid: windows are never reused. */
export class FileWindow {
  readonly size: number;
  readonly #file: DiskFile;
  #start = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: DiskFile, size: number) {
    this.#file = file;
    this.size = size;
  }

  async bytes(at: number, length: number): Promise<Buffer> {
    if (at < this.#start || at + length > this.#start + this.#bytes.length) await this.#load(at, length);
    return this.#bytes.subarray(at - this.#start, at - this.#start + length);
  }

  async #load(at: number, length: number): Promise<void> {
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(length, WINDOW_BYTES), this.size - at));
    const read = await this.#file.read(bytes, at);
    this.#start = at;
    this.#bytes = bytes.subarray(0, read);
  }
}
