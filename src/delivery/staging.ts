import type { Table, Transaction } from '../engine/catalog.ts';
import type { Engine, LogId } from '../engine/engine.ts';
import { RecordPacker, unpack } from '../engine/packed-records.ts';
import { CIPHER_OVERHEAD_BYTES, type PayloadCipher } from '../engine/payload-cipher.ts';
import { deliveryLimits } from './limits.ts';
import type { DeliveryRecord } from './destination.ts';
import type { Processed } from './spec.ts';

/** Where the processed records of a range lie. */
export interface Staged {
  readonly log: LogId;
  readonly first: number;
  readonly count: number;
}

interface LogRow {
  readonly log: LogId;
}

interface Head extends Omit<DeliveryRecord, 'data' | 'partitionKeys'> {
  readonly partitionKeys?: readonly (readonly [string, string])[];
  readonly refused?: {
    readonly errorCode: string;
    readonly errorMessage: string;
    readonly attempts: number;
    readonly outputType?: string;
  };
}

const FLAG_BYTES = 1;
const HEAD_LENGTH_BYTES = 4;

/**
 * Stores the processed records of a range if another attempt could give a different result, so that a function decides
 * about each record once. Each shard of a delivery has a log for them. Its records are encrypted, and trimmed when
 * their range is delivered.
 */
export class Staging {
  readonly #engine: Engine;
  readonly #cipher: PayloadCipher;
  /** Keys are those of ranges: `<delivery id>/<incarnation of the stream>/<shard id>`. */
  readonly #logs: Table<LogRow>;
  readonly #garbage: Table<LogRow>;

  constructor(engine: Engine, cipher: PayloadCipher) {
    this.#engine = engine;
    this.#cipher = cipher;
    this.#logs = engine.catalog.table('delivery.staging');
    this.#garbage = engine.catalog.table('delivery.garbage');
  }

  /** The records are durable when this resolves. */
  async write(key: string, { records, refused }: Processed): Promise<Staged> {
    const log = await this.#logOf(key);
    const first = this.#engine.bounds(log).nextIndex;
    // Removes what an interrupted attempt left.
    await this.#engine.trim(log, first);
    let packer = new RecordPacker();
    let bytes = 0;
    const append = async (): Promise<void> => {
      if (packer.count === 0) return;
      await this.#engine.append({ batches: [{ log, records: packer.finish() }] });
      packer = new RecordPacker();
      bytes = 0;
    };
    for (const [record, head] of heads(records, refused)) {
      bytes += this.#pack(packer, head, record.data);
      if (bytes >= deliveryLimits.stagedBytesAtOnceMax) await append();
    }
    await append();
    return { log, first, count: records.length + refused.length };
  }

  async read({ log, first, count }: Staged): Promise<Processed> {
    const records: DeliveryRecord[] = [];
    const refused: Processed['refused'][number][] = [];
    const end = first + count;
    for (let next = first; next < end;) {
      const batches = await this.#engine.read(log, next, {
        maxRecords: end - next,
        maxBytes: deliveryLimits.stagedBytesAtOnceMax,
      });
      const last = batches.at(-1);
      if (last === undefined) throw new Error(`staged records ${next} to ${end} of log ${log} are missing`);
      for (const batch of batches) {
        const { buffer, byteOffset, byteLength } = batch.bytes;
        const bytes = Buffer.from(buffer, byteOffset, byteLength);
        unpack(batch, (_ordinal, offset, length) => {
          const { head, data } = decode(this.#cipher.open(bytes.subarray(offset, offset + length)));
          const { refused: refusal, partitionKeys, ...rest } = head;
          const record: DeliveryRecord = {
            ...rest,
            data,
            ...(partitionKeys !== undefined && { partitionKeys: new Map(partitionKeys) }),
          };
          if (refusal === undefined) records.push(record);
          else refused.push({ record, ...refusal });
        });
      }
      next = last.firstIndex + last.count;
    }
    return { records, refused };
  }

  /** Frees the records of a delivered range. */
  async clear({ log, first, count }: Staged): Promise<void> {
    await this.#engine.trim(log, first + count);
  }

  /** Removes the logs of a delivery, or of one of its shards, in a commit; `sweep` then frees them. */
  end(transaction: Transaction, prefix: string): void {
    for (const [key, row] of transaction.entries(this.#logs, prefix)) {
      transaction.delete(this.#logs, key);
      transaction.put(this.#garbage, String(row.log), row);
    }
  }

  /** Drops logs whose delivery no longer exists. */
  async sweep(): Promise<void> {
    for (const [key, { log }] of this.#garbage.entries()) {
      await this.#engine.drop(log);
      await this.#engine.catalog.commit((transaction) => transaction.delete(this.#garbage, key));
    }
  }

  async #logOf(key: string): Promise<LogId> {
    const present = this.#logs.get(key);
    if (present !== undefined) return present.log;
    const [log] = await this.#engine.createLogs(1);
    if (log === undefined) throw new RangeError('createLogs(1) returned no log');
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#logs, key, { log }));
    return log;
  }

  #pack(packer: RecordPacker, head: Head, data: Uint8Array): number {
    const text = Buffer.from(JSON.stringify(head));
    const payload = Buffer.allocUnsafe(FLAG_BYTES + HEAD_LENGTH_BYTES + text.length + data.length);
    payload[0] = 0;
    payload.writeUInt32LE(text.length, FLAG_BYTES);
    payload.set(text, FLAG_BYTES + HEAD_LENGTH_BYTES);
    payload.set(data, FLAG_BYTES + HEAD_LENGTH_BYTES + text.length);
    const sealedBytes = payload.length + CIPHER_OVERHEAD_BYTES;
    const { buffer, offset } = packer.reserve(sealedBytes);
    this.#cipher.seal(payload, buffer, offset);
    return sealedBytes;
  }
}

function* heads(
  records: Processed['records'],
  refused: Processed['refused'],
): Generator<readonly [DeliveryRecord, Head]> {
  for (const record of records) yield [record, headOf(record)];
  for (const { record, errorCode, errorMessage, attempts, outputType } of refused) {
    const refusal = { errorCode, errorMessage, attempts, ...(outputType !== undefined && { outputType }) };
    yield [record, { ...headOf(record), refused: refusal }];
  }
}

function headOf(record: DeliveryRecord): Head {
  const { arrivalMs, shardId, sequenceNumber, subSequenceNumber, partitionKey, partitionKeys } = record;
  return {
    arrivalMs,
    shardId,
    sequenceNumber,
    subSequenceNumber,
    partitionKey,
    ...(partitionKeys !== undefined && { partitionKeys: [...partitionKeys] }),
  };
}

function decode(payload: Buffer): { readonly head: Head; readonly data: Buffer } {
  const start = FLAG_BYTES + HEAD_LENGTH_BYTES;
  const end = start + payload.readUInt32LE(FLAG_BYTES);
  // Written by `#pack`, and authenticated by the cipher.
  const head = JSON.parse(payload.toString('utf8', start, end)) as Head;
  return { head, data: payload.subarray(end) };
}
