import { crc32 } from 'node:zlib';

import { ByteReader, ByteWriter } from './bytes.ts';
import { readWhole, type Disk, type DiskFile } from './disk.ts';
import { DamageError, FormatVersionError } from './errors.ts';
import { FORMAT_VERSION } from './segment-file.ts';

const PATH = 'mark';
const MAGIC = Buffer.from('nagareMK');

/**
 * How far the log was known to be on disk, written over and over without a sync of its own. After a power cut it
 * may say less than was, never more: a log that ends before it has been cut or harmed, and a start refuses it.
 *   8 magic | u32 format version | 16 store id | u64 segment number | u64 end | u32 crc
 */
export interface MarkFacts {
  readonly store: Buffer;
  readonly segment: number;
  readonly end: number;
}

export class Mark {
  readonly #file: DiskFile;
  readonly #store: Buffer;
  #next: { segment: number; end: number } | undefined;
  #writing: Promise<void> | undefined;

  constructor(file: DiskFile, store: Buffer) {
    this.#file = file;
    this.#store = store;
  }

  /** Undefined when there is none. Throws DamageError, FormatVersionError. */
  static async read(disk: Disk): Promise<MarkFacts | undefined> {
    if (!(await disk.list('.')).includes(PATH)) return undefined;
    const bytes = await readWhole(disk, PATH);
    const damaged = new DamageError(PATH, 0, 'it is not what was written');
    if (bytes.length < 48 || crc32(bytes.subarray(0, 44)) !== bytes.readUInt32LE(44)) throw damaged;
    const from = new ByteReader(bytes);
    if (!from.bytes(MAGIC.length).equals(MAGIC)) throw damaged;
    const version = from.u32();
    if (version !== FORMAT_VERSION) throw new FormatVersionError(PATH, version, FORMAT_VERSION);
    return { store: Buffer.from(from.bytes(16)), segment: from.u64(), end: from.u64() };
  }

  /** Makes the file, whole or not at all. */
  static async create(disk: Disk, facts: MarkFacts): Promise<void> {
    const temporary = `${PATH}.tmp`;
    if ((await disk.list('.')).includes(temporary)) await disk.remove(temporary);
    const file = await disk.open(temporary, 'create');
    await file.write([encode(facts)], 0);
    await file.sync();
    await file.close();
    await disk.rename(temporary, PATH);
    await disk.syncFolder('.');
  }

  static async open(disk: Disk, store: Buffer): Promise<Mark> {
    return new Mark(await disk.open(PATH, 'write'), store);
  }

  /** At most one write under way; the newest place wins. It fails silently: it only guards, it is not the truth. */
  note(segment: number, end: number): void {
    this.#next = { segment, end };
    this.#writing ??= this.#write();
  }

  /** Durable, so that a clean stop is told from a cut file for sure. */
  async close(): Promise<void> {
    await this.#writing;
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const bytes = encode({ store: this.#store, ...this.#next });
      this.#next = undefined;
      await this.#file.write([bytes], 0).catch(() => undefined);
    }
    this.#writing = undefined;
  }
}

function encode(facts: MarkFacts): Buffer {
  const out = new ByteWriter(48);
  out.bytes(MAGIC);
  out.u32(FORMAT_VERSION);
  out.bytes(facts.store);
  out.u64(facts.segment);
  out.u64(facts.end);
  out.u32(crc32(out.finish()));
  return out.finish();
}
