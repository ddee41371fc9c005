import type { Table } from './catalog.ts';
import type { Engine, LogId } from './engine.ts';
import { checked, RecordPacker, unpack } from './packed-records.ts';

/** Size of a piece: other commits get their turn between two of them. */
const PIECE_BYTES = 1024 * 1024;

/** Appends bytes to a log that has nothing else, in pieces. Durable when it resolves. */
export async function appendBytes(engine: Engine, log: LogId, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    const packer = new RecordPacker(piece.length + 4);
    packer.add(piece);
    await engine.append({ batches: [{ log, records: checked(packer.finish()) }] });
  }
}

/**
 * The bytes of a log, in pieces of any size: those of the records from `from` up to, not including, `end`; default: all that
 * there are. Throws DamagedRecordsError.
 */
export async function* readBytes(
  engine: Engine,
  log: LogId,
  from: number = engine.bounds(log).firstIndex,
  end: number = engine.bounds(log).nextIndex,
): AsyncGenerator<Buffer, void, undefined> {
  for (let next = from; next < end;) {
    const batches = await engine.read(log, next, {
      maxRecords: Math.min(end - next, 1000),
      maxBytes: PIECE_BYTES,
    });
    // It was dropped in the meantime.
    if (batches.length === 0) return;
    for (const batch of batches) {
      const pieces: Buffer[] = [];
      // A batch without bytes stands for records that `nagare repair` could not recover.
      if (batch.bytes.length > 0) {
        unpack(batch, (_, offset, length) => {
          pieces.push(Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + offset, length));
        });
      }
      yield* pieces;
      next = batch.firstIndex + batch.count;
    }
  }
}

/** As `readBytes`, in one buffer. */
export async function bytesOf(engine: Engine, log: LogId, from?: number, end?: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readBytes(engine, log, from, end)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * Drops a log that only a row names, and then the row. Until both are gone the row is `gone`: a caller that finds it after a
 * crash calls this again, so that no log stays behind without a name.
 */
export async function dropWithRow<Row extends { readonly log: LogId }>(
  engine: Engine,
  rows: Table<Row>,
  { key, gone }: { readonly key: string; readonly gone: Row },
): Promise<void> {
  await engine.catalog.commit((transaction) => transaction.put(rows, key, gone));
  await engine.drop(gone.log);
  await engine.catalog.commit((transaction) => transaction.delete(rows, key));
}
