import { deliveryLimits } from './limits.ts';
import type { ObjectStore } from '../services/s3/object-store.ts';
import { compress, type Compression } from './compress.ts';
import { createObject } from './create-object.ts';
import type {
  DeliveryBatch,
  DeliveryRecord,
  DeliveryResult,
  Destination,
  ErrorOutput,
  RefusedRecord,
} from './destination.ts';

/** The first record of an object. */
export type RangeStart = Pick<DeliveryBatch, 'shardId' | 'firstSequenceNumber' | 'firstArrivalMs'>;

export interface ObjectDestinationOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly compression: Compression;
  /** Returns the object key of a range: always the same for one range, and unique to it. */
  readonly keyOf: (range: RangeStart) => string;
  /** Returns the text of a record in the object, or why it is refused. */
  readonly format: (record: DeliveryRecord) => FormattedRecord;
}

export type FormattedRecord =
  | { readonly parts: readonly Uint8Array[]; readonly refusal?: undefined }
  | { readonly refusal: string };

/** Writes the records of a range as one object. */
export class ObjectDestination implements Destination {
  readonly #options: ObjectDestinationOptions;

  constructor(options: ObjectDestinationOptions) {
    this.#options = options;
  }

  async deliver(batch: DeliveryBatch): Promise<DeliveryResult> {
    const { store, bucket, compression, keyOf } = this.#options;
    const { good, refused } = await this.#format(batch.records);
    const delivered = batch.records.length - refused.length;
    if (delivered === 0) return { delivered, bytes: 0, objects: 0, refused };
    const body = await compress(Buffer.concat(good), compression);
    await createObject(store, { bucket, key: keyOf(batch), body, mark: batch.deliveryId });
    return { delivered, bytes: body.length, objects: 1, refused };
  }

  async close(): Promise<void> {}

  async #format(records: readonly DeliveryRecord[]) {
    const good: Uint8Array[] = [];
    const refused: RefusedRecord[] = [];
    let untilRest = deliveryLimits.bytesAtOnceMax;
    for (const record of records) {
      const formatted = this.#options.format(record);
      if (formatted.refusal === undefined) good.push(...formatted.parts);
      else {
        refused.push({
          record,
          errorCode: 'InvalidRecordFormat',
          errorMessage: formatted.refusal,
          attempts: 1,
        });
      }
      untilRest -= record.data.length;
      if (untilRest > 0) continue;
      // Checking megabytes of JSON takes a while: yield to other work.
      await new Promise((resolve) => setImmediate(resolve));
      untilRest = deliveryLimits.bytesAtOnceMax;
    }
    return { good, refused };
  }
}

export interface ErrorObjectOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Like the key of an ObjectDestination, but never equal to one, even in the same bucket. */
  readonly keyOf: (range: RangeStart) => string;
  /** Returns the entry of a refused record. */
  readonly write: (refused: RefusedRecord) => string;
}

/** Writes the refused records of a range as one object. */
export class ErrorObject implements ErrorOutput {
  readonly #options: ErrorObjectOptions;

  constructor(options: ErrorObjectOptions) {
    this.#options = options;
  }

  async write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const { store, bucket, keyOf, write } = this.#options;
    const body = Buffer.from(refused.map((entry) => write(entry)).join(''));
    await createObject(store, { bucket, key: keyOf(batch), body, mark: batch.deliveryId });
  }
}
