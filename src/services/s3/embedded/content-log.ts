import type { AppendBatch, Engine, LogId } from '../../../engine/engine.ts';
import { checked, RecordPacker, unpack } from '../../../engine/packed-records.ts';

/** A change of an object's file: a record of the content log, committed together with the object's row. */
export type FileChange = {
  readonly bucket: string;
  readonly key: string;
  /** The content it belongs to: it applies as long as the object's row has this `content`. */
  readonly content: string;
} & (
  | { readonly type: 'put'; readonly sizeBytes: number }
  /** `sizeBytes` is the object's size after the append. */
  | { readonly type: 'append'; readonly offset: number; readonly sizeBytes: number }
  | { readonly type: 'delete' }
);

export interface LoggedChange {
  readonly index: number;
  readonly change: FileChange;
  /** The content, or the appended bytes. Undefined when the file was synced before the commit, and for a deletion. */
  readonly bytes: Buffer | undefined;
}

const READ_BYTES = 4 * 1024 * 1024;
const READ_RECORDS = 1_000;

/**
 * Changes that are durable in the engine, but possibly not yet in objects' files: a log of the engine. It is trimmed
 * when the files are synced, so it stays short. A record is: u32 length of the head, the head as JSON, the bytes.
 */
export class ContentLog {
  readonly #engine: Engine;
  readonly #log: LogId;

  constructor(engine: Engine, log: LogId) {
    this.#engine = engine;
    this.#log = log;
  }

  batch(change: FileChange, bytes?: Uint8Array): AppendBatch {
    const head = Buffer.from(JSON.stringify({ ...change, inline: bytes !== undefined }));
    const length = 4 + head.length + (bytes?.length ?? 0);
    const packer = new RecordPacker(4 + length);
    const { buffer, offset } = packer.reserve(length);
    buffer.writeUInt32LE(head.length, offset);
    buffer.set(head, offset + 4);
    if (bytes !== undefined) buffer.set(bytes, offset + 4 + head.length);
    return { log: this.#log, records: checked(packer.finish()) };
  }

  /** Index of the next record. */
  get next(): number {
    return this.#engine.bounds(this.#log).nextIndex;
  }

  async *read(): AsyncGenerator<LoggedChange, void, undefined> {
    const end = this.next;
    for (let from = this.#engine.bounds(this.#log).firstIndex; from < end;) {
      const batches = await this.#engine.read(this.#log, from, {
        maxRecords: READ_RECORDS,
        maxBytes: READ_BYTES,
      });
      if (batches.length === 0) return;
      for (const batch of batches) {
        const changes: LoggedChange[] = [];
        // A batch without bytes stands for records that `nagare repair` could not recover.
        if (batch.bytes.length > 0) {
          unpack(batch, (ordinal, offset, length) => {
            changes.push(decode(batch.firstIndex + ordinal, batch.bytes.subarray(offset, offset + length)));
          });
        }
        yield* changes;
        from = batch.firstIndex + batch.count;
      }
    }
  }

  async trim(before: number): Promise<void> {
    await this.#engine.trim(this.#log, before);
  }
}

function decode(index: number, record: Uint8Array): LoggedChange {
  const bytes = Buffer.from(record);
  const headEnd = 4 + bytes.readUInt32LE(0);
  // Written by `batch`, with a verified checksum.
  const { inline, ...change } = JSON.parse(bytes.toString('utf8', 4, headEnd)) as FileChange & {
    inline: boolean;
  };
  return { index, change, bytes: inline ? bytes.subarray(headEnd) : undefined };
}
