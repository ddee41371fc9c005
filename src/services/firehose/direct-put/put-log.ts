import {
  type Appended,
  type Engine,
  EngineBusyError,
  EngineFullError,
  type LogId,
  type PackedRecords,
  type RecordBatch,
} from '../../../engine/engine.ts';
import { idempotencyKeyOf } from '../../../engine/idempotency-key.ts';
import { checked, RecordPacker, LENGTH_BYTES, unpack } from '../../../engine/packed-records.ts';
import { CIPHER_OVERHEAD_BYTES, ENCRYPTED, type PayloadCipher } from '../../../engine/payload-cipher.ts';
import { asBuffer } from '../../../support/as-buffer.ts';
import { unavailable } from '../errors.ts';

export interface PutLogOptions {
  readonly engine: Engine;
  readonly log: LogId;
  /** The id of the delivery stream. */
  readonly owner: string;
  readonly cipher: PayloadCipher;
}

const FLAG_BYTES = 1;

/**
 * The undelivered direct puts of a delivery stream, in a log of the engine. A payload is a byte of flags (1:
 * encrypted), followed by the data or the encrypted data.
 */
export class PutLog {
  readonly #options: PutLogOptions;
  readonly #puts = new Set<Promise<unknown>>();
  /** Encryption of new records. */
  encrypts: boolean;

  constructor(options: PutLogOptions, encrypts: boolean) {
    this.#options = options;
    this.encrypts = encrypts;
  }

  get bounds() {
    return this.#options.engine.bounds(this.#options.log);
  }

  /**
   * Stores all records durably in one commit, or none. Returns their indices. A retry with the same invocation id gets
   * the first result. Throws ServiceUnavailableException.
   */
  async put(records: readonly Uint8Array[], invocationId: string | undefined): Promise<Appended> {
    const { engine, log, owner, cipher } = this.#options;
    const packed = pack(records);
    const key = invocationId === undefined ? undefined : idempotencyKeyOf(invocationId, owner, packed);
    const batches = [{ log, records: checked(this.encrypts ? sealed(packed, cipher) : packed) }];
    const request = key === undefined ? { batches } : { batches, idempotencyKey: key };
    const appending = engine.append(request);
    this.#puts.add(appending);
    try {
      const [first] = (await appending).batches;
      if (first === undefined) throw new RangeError('a put has one batch');
      return first;
    } catch (error) {
      if (error instanceof EngineFullError) throw unavailable('The disk is full.');
      if (error instanceof EngineBusyError) throw unavailable('Too many writes are waiting for the disk.');
      throw error;
    } finally {
      this.#puts.delete(appending);
    }
  }

  /** Resolves when the puts in progress have ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#puts);
  }

  read(from: number, limits: { readonly maxRecords: number; readonly maxBytes: number }) {
    return this.#options.engine.read(this.#options.log, from, limits);
  }

  waitFor(index: number, signal: AbortSignal): Promise<void> {
    return this.#options.engine.waitFor(this.#options.log, index, signal);
  }

  locate(timeMs: number): Promise<number> {
    return this.#options.engine.locate(this.#options.log, timeMs);
  }

  /** Trims the records below `before`, which are delivered. */
  async trim(before: number): Promise<void> {
    if (before > this.bounds.firstIndex) await this.#options.engine.trim(this.#options.log, before);
  }

  /** Calls `visit` with the data of each record of a batch, in order. */
  eachRecord(batch: RecordBatch, visit: (index: number, data: Buffer) => void): void {
    const bytes = asBuffer(batch.bytes);
    unpack(batch, (ordinal, offset, length) => {
      const payload = bytes.subarray(offset, offset + length);
      const isEncrypted = ((payload[0] ?? 0) & ENCRYPTED) !== 0;
      const open = isEncrypted ? this.#options.cipher.open(payload) : payload;
      visit(batch.firstIndex + ordinal, open.subarray(FLAG_BYTES));
    });
  }
}

function pack(records: readonly Uint8Array[]): PackedRecords {
  let bytes = 0;
  for (const { length } of records) bytes += LENGTH_BYTES + FLAG_BYTES + length;
  const packer = new RecordPacker(bytes);
  for (const data of records) {
    const { buffer, offset } = packer.reserve(FLAG_BYTES + data.length);
    buffer[offset] = 0;
    buffer.set(data, offset + FLAG_BYTES);
  }
  return packer.finish();
}

function sealed(packed: PackedRecords, cipher: PayloadCipher): PackedRecords {
  const plain = asBuffer(packed.bytes);
  const packer = new RecordPacker(plain.length + packed.count * CIPHER_OVERHEAD_BYTES);
  unpack(packed, (_ordinal, at, length) => {
    const { buffer, offset } = packer.reserve(length + CIPHER_OVERHEAD_BYTES);
    cipher.seal(plain.subarray(at, at + length), buffer, offset);
  });
  return packer.finish();
}
