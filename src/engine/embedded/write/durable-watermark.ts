import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import { ByteReader, ByteWriter } from '../format/bytes.ts';
import { readWhole, type Disk, type DiskFile } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { checkFormatVersion, FORMAT_VERSION } from '../format/version.ts';

export const WATERMARK_PATH = 'mark';
/** One sector: disks write a sector completely or not at all. */
const SLOT_BYTES = 512;
const MAGIC = Buffer.from('nagareMK');
/** During a series of commits the watermark is written whenever the log has grown by this much, and at the end. */
const STEP_BYTES = 256 * 1024;

interface WatermarkPosition {
  readonly segment: number;
  readonly end: number;
}

/**
 * The position up to which the log is known to be durable. It is overwritten in place, without a sync of its own. After
 * a power failure it may be too low, but never too high: a log that ends before it was cut or damaged, and a start
 * refuses it. Two slots are written alternately, so that an interrupted write leaves the other one. A slot whose write
 * failed is written again and synced before the other is touched: they are never both in doubt. Each slot:
 *   8 magic | u32 format version | 16 store id | u64 segment number | u64 end | zeros | u32 crc, 512 bytes in all
 */
export interface Watermark extends WatermarkPosition {
  readonly formatVersion: number;
  readonly store: Buffer;
}

export class DurableWatermark {
  readonly #file: DiskFile;
  readonly #store: Buffer;
  #next: WatermarkPosition | undefined;
  /** The position last written. */
  #last: WatermarkPosition = { segment: 0, end: 0 };
  /** The noted position is to be written, however small the step. */
  #settling = false;
  #writing: Promise<void> | undefined;
  /** The slot with the newest position; the other is written next. */
  #slot: number;
  /** The other slot may be torn on disk. */
  #torn: boolean;

  private constructor(file: DiskFile, store: Buffer, slots: readonly (Watermark | undefined)[]) {
    this.#file = file;
    this.#store = store;
    this.#slot = newestOf(slots);
    this.#torn = slots.includes(undefined);
  }

  /**
   * Returns the slot with the higher position; undefined when there is no file. Throws DamageError, FormatVersionError.
   */
  static async read(disk: Disk): Promise<Watermark | undefined> {
    if (!(await disk.list('.')).includes(WATERMARK_PATH)) return undefined;
    const slots = await readSlots(disk);
    const newest = slots[newestOf(slots)];
    if (newest === undefined) throw new DamageError(WATERMARK_PATH, 0, 'checksum mismatch');
    return newest;
  }

  /** Creates the file, completely or not at all. */
  static async create(disk: Disk, info: Omit<Watermark, 'formatVersion'>): Promise<void> {
    const temporary = `${WATERMARK_PATH}.tmp`;
    if ((await disk.list('.')).includes(temporary)) await disk.remove(temporary);
    const file = await disk.open(temporary, 'create');
    await file.write([encode(info), encode(info)], 0);
    await file.sync();
    await file.close();
    await disk.rename(temporary, WATERMARK_PATH);
    await disk.syncFolder('.');
  }

  /** Syncs first what a killed process left: what is read here is then what a power failure would leave. */
  static async open(disk: Disk, store: Buffer): Promise<DurableWatermark> {
    const file = await disk.open(WATERMARK_PATH, 'write');
    await file.sync();
    return new DurableWatermark(file, store, await readSlots(disk));
  }

  /**
   * Notes a new position. At most one write is in progress; the newest position wins. A failed write is ignored: the
   * watermark is only a safeguard.
   */
  note(segment: number, end: number): void {
    const { segment: lastSegment, end: lastEnd } = this.#last;
    assert(segment > lastSegment || (segment === lastSegment && end >= lastEnd), 'the log became shorter');
    this.#next = { segment, end };
    if (this.#due() !== undefined) this.#writing ??= this.#write();
  }

  /** No commit follows for now: writes the position noted last. */
  settle(): void {
    if (this.#next === undefined) return;
    this.#settling = true;
    this.#writing ??= this.#write();
  }

  /** Makes the position durable, so that a clean shutdown can be told from a truncated file. */
  async close(): Promise<void> {
    this.settle();
    await this.#writing;
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  async #write(): Promise<void> {
    for (let place = this.#due(); place !== undefined; place = this.#due()) {
      const bytes = encode({ store: this.#store, ...place });
      this.#next = undefined;
      const slot = 1 - this.#slot;
      try {
        await this.#file.write([bytes], slot * SLOT_BYTES);
        if (this.#torn) await this.#file.sync();
        this.#torn = false;
        this.#slot = slot;
        this.#last = place;
      } catch {
        // Only a safeguard: the next note tries this slot again.
        this.#torn = true;
      }
    }
    this.#settling = false;
    this.#writing = undefined;
  }

  /** The position noted last, if it is to be written. */
  #due(): WatermarkPosition | undefined {
    const next = this.#next;
    if (next === undefined || this.#settling || next.segment !== this.#last.segment) return next;
    return next.end - this.#last.end >= STEP_BYTES ? next : undefined;
  }
}

async function readSlots(disk: Disk): Promise<readonly (Watermark | undefined)[]> {
  const bytes = await readWhole(disk, WATERMARK_PATH);
  return [decode(bytes.subarray(0, SLOT_BYTES)), decode(bytes.subarray(SLOT_BYTES))];
}

/** The slot with the higher position; a damaged slot counts as lowest. */
function newestOf([a, b]: readonly (Watermark | undefined)[]): 0 | 1 {
  if (a === undefined || b === undefined) return a === undefined ? 1 : 0;
  return isFurther(b, a) ? 1 : 0;
}

function encode(info: Omit<Watermark, 'formatVersion'>): Buffer {
  const out = new ByteWriter(SLOT_BYTES);
  out.bytes(MAGIC);
  out.u32(FORMAT_VERSION);
  out.bytes(info.store);
  out.u64(info.segment);
  out.u64(info.end);
  return out.finishWithChecksum(SLOT_BYTES);
}

function decode(bytes: Buffer): Watermark | undefined {
  if (bytes.length !== SLOT_BYTES) return undefined;
  if (crc32(bytes.subarray(0, SLOT_BYTES - 4)) !== bytes.readUInt32LE(SLOT_BYTES - 4)) return undefined;
  const from = new ByteReader(bytes);
  if (!from.bytes(MAGIC.length).equals(MAGIC)) return undefined;
  const formatVersion = from.u32();
  checkFormatVersion(WATERMARK_PATH, formatVersion);
  return { formatVersion, store: Buffer.from(from.bytes(16)), segment: from.u64(), end: from.u64() };
}

function isFurther(a: Watermark, b: Watermark): boolean {
  return a.segment === b.segment ? a.end > b.end : a.segment > b.segment;
}
