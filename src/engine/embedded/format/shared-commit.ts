import { asBuffer } from '../../../support/as-buffer.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { UserError } from '../../../errors.ts';
import { readEntry, type EncodedEntries, type Entry } from './entries.ts';

/**
 * A group commit as the payload of a frame in the shared log; a heartbeat has no entries:
 *   u32 bytes of the head | u64 time of the owner (ms) | u32 number of entries | entries | the chunks' records
 * The frame's own checksum covers it. Entries about files of the owner (`segments`, `tables`) are not part of it.
 */
export interface SharedCommit {
  readonly timeMs: number;
  /** The memory that it was decoded from: the entries from `ENTRIES_AT` to `headBytes`, then the records. */
  readonly bytes: Buffer;
  readonly headBytes: number;
}

/** Of the entries. */
export const ENTRIES_AT = 16;

/** The pieces of `payload` are not copied. */
export function encodeSharedCommit(
  timeMs: number,
  { entries, bytes }: EncodedEntries,
  payload: readonly Uint8Array[],
): Uint8Array[] {
  const out = new ByteWriter(ENTRIES_AT + bytes.length);
  out.u32(ENTRIES_AT + bytes.length);
  out.u64(timeMs);
  out.u32(entries.length);
  out.bytes(bytes);
  return [out.finish(), ...payload];
}

/** Adds its entries to `entries`. The result shares the memory of `bytes`. Throws UnknownCommitError. */
export function decodeSharedCommit(bytes: Uint8Array, position: number, entries: Entry[] = []): SharedCommit {
  const buffer = asBuffer(bytes);
  try {
    const headBytes = buffer.readUInt32LE(0);
    const from = new ByteReader(buffer, 4, headBytes);
    const timeMs = from.u64();
    let chunks = 0;
    for (let left = from.u32(); left > 0; left--) {
      const entry = readEntry(from);
      entries.push(entry);
      if (entry.kind === 'chunk') chunks += entry.bytes;
    }
    const recordBytes = buffer.length - headBytes;
    if (from.left === 0 && chunks === recordBytes) return { timeMs, bytes: buffer, headBytes };
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof SyntaxError)) throw error;
  }
  throw new UnknownCommitError(position);
}

/** The frame is intact, so a newer nagare wrote it. It is never skipped. */
export class UnknownCommitError extends UserError {
  override readonly name = 'UnknownCommitError';

  constructor(position: number) {
    super(
      `the shared log has a commit at position ${position} that this nagare does not know. ` +
        'A newer version wrote it: upgrade this machine',
    );
  }
}
