import { createHash } from 'node:crypto';
import { createObject } from '../../../delivery/create-object.ts';
import type { DeliveryBatch, ErrorOutput, RefusedRecord } from '../../../delivery/destination.ts';
import type { ObjectNames } from '../../../delivery/object-name.ts';
import type { ObjectStore } from '../../s3/object-store.ts';
import type { Clock } from '../../../support/clock.ts';
import { errorEntry, type ErrorInfo } from './error-entries.ts';

export interface ErrorObjectsOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly names: ObjectNames;
  /** The version of the delivery stream. */
  readonly version: number;
  /** The error type of records that the destination itself refuses. */
  readonly outputType: string;
  readonly info: ErrorInfo;
  readonly clock: Clock;
}

/** Writes refused records as one object for each type of error, below the error output prefix. */
export class ErrorObjects implements ErrorOutput {
  readonly #options: ErrorObjectsOptions;

  constructor(options: ErrorObjectsOptions) {
    this.#options = options;
  }

  async write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const { outputType: ownType } = this.#options;
    const byType = Map.groupBy(refused, ({ outputType = ownType }) => outputType);
    for (const [outputType, entries] of byType) await this.#writeType(batch, outputType, entries);
  }

  async #writeType(batch: DeliveryBatch, outputType: string, refused: readonly RefusedRecord[]) {
    const { store, bucket, names, version, clock, info } = this.#options;
    // Unless the destination is an object store, two attempts at one range may refuse different records. These are
    // written as different objects.
    const deliveryId = `${batch.deliveryId}/${digestOf(refused)}`;
    const key = names.errorKeyOf({ ...batch, deliveryId, version }, outputType);
    const endedMs = clock.now();
    const body = refused.map((entry) => errorEntry(entry, outputType, endedMs, info)).join('');
    await createObject(store, { bucket, key, body: Buffer.from(body), mark: deliveryId });
  }
}

function digestOf(refused: readonly RefusedRecord[]): string {
  const hash = createHash('sha1');
  for (const { record, errorCode } of refused) {
    hash.update(`${record.sequenceNumber}.${record.subSequenceNumber} ${errorCode}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
