import { createObject } from '../../../delivery/create-object.ts';
import type {
  Decision,
  DeliveryBatch,
  DeliveryRecord,
  DeliveryResult,
  Destination,
  RefusedRecord,
} from '../../../delivery/destination.ts';
import type { ObjectNames } from '../../../delivery/object-name.ts';
import type { ObjectStore } from '../../s3/object-store.ts';

/** Creates the content of an object. */
export interface ObjectFormat {
  readonly contentEncoding?: string | undefined;
  encode(
    records: readonly DeliveryRecord[],
    decision: Decision | undefined,
  ): Promise<{ readonly body: Uint8Array; readonly refused: readonly RefusedRecord[] }>;
  decide?(): Promise<Decision>;
}

export interface S3DestinationOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly names: ObjectNames;
  /** The version of the delivery stream. */
  readonly version: number;
  readonly format: ObjectFormat;
  /** Partitions that a range may have. */
  readonly activePartitionsMax: number;
  /** The partitions of a range, for dynamic partitioning, and whether it has too many. */
  readonly onPartitions?: (count: number, exceeded: boolean) => void;
}

const LIMIT_EXCEEDED = 'DynamicPartitioning.ActivePartitionsLimitExceeded';

/**
 * Writes the records of a range as one object, or with dynamic partitioning as one object for each partition. The range
 * determines keys and contents, and objects are only created: a retry finds the objects of earlier attempts.
 */
export class S3Destination implements Destination {
  readonly #options: S3DestinationOptions;
  readonly decide?: () => Promise<Decision>;

  constructor(options: S3DestinationOptions) {
    this.#options = options;
    const { format } = options;
    if (format.decide !== undefined) this.decide = () => format.decide?.() ?? Promise.resolve({});
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult> {
    const { partitions, refused } = this.#partition(batch);
    if (this.#options.names.partitionKeys.length > 0) {
      const exceeded = refused.some(({ errorCode }) => errorCode === LIMIT_EXCEEDED);
      this.#options.onPartitions?.(partitions.size, exceeded);
    }
    let delivered = 0;
    let bytes = 0;
    let objects = 0;
    for (const [key, records] of partitions) {
      signal.throwIfAborted();
      const encoded = await this.#options.format.encode(records, batch.decision);
      refused.push(...encoded.refused);
      const good = records.length - encoded.refused.length;
      if (good === 0) continue;
      await this.#create(key, encoded.body, batch.deliveryId);
      delivered += good;
      bytes += encoded.body.length;
      objects++;
    }
    return { delivered, bytes, objects, refused };
  }

  async close(): Promise<void> {}

  #create(key: string, body: Uint8Array, mark: string): Promise<void> {
    const { store, bucket, format } = this.#options;
    const contentType = 'application/octet-stream';
    const { contentEncoding } = format;
    return createObject(store, { bucket, key, body, mark, contentType, contentEncoding });
  }

  /** The records of each object, by the object's key. */
  #partition(batch: DeliveryBatch) {
    const { names, version } = this.#options;
    const range = { ...batch, version };
    const partitions = new Map<string, DeliveryRecord[]>();
    const refused: RefusedRecord[] = [];
    if (names.partitionKeys.length === 0) {
      if (batch.records.length > 0) partitions.set(names.keyOf(range), [...batch.records]);
      return { partitions, refused };
    }
    const keys = new Map<string, string>();
    for (const record of batch.records) {
      const values = record.partitionKeys ?? new Map<string, string>();
      const identity = JSON.stringify(names.partitionKeys.map((name) => values.get(name)));
      let key = keys.get(identity);
      if (key === undefined) {
        const reason = this.#refusal(names, range, values, partitions.size);
        if (reason !== undefined) {
          refused.push({ record, ...reason, attempts: 1 });
          continue;
        }
        key = names.keyOf(range, values);
        keys.set(identity, key);
      }
      const partition = partitions.get(key);
      if (partition === undefined) partitions.set(key, [record]);
      else partition.push(record);
    }
    return { partitions, refused };
  }

  #refusal(
    names: ObjectNames,
    range: DeliveryBatch & { readonly version: number },
    values: ReadonlyMap<string, string>,
    active: number,
  ) {
    const missing = names.partitionKeys.find((name) => (values.get(name) ?? '') === '');
    if (missing !== undefined) {
      return {
        errorCode: 'DynamicPartitioning.MetadataExtractionFailed',
        errorMessage: `partitionKeys values must not be null or empty: ${missing}`,
      };
    }
    const { activePartitionsMax } = this.#options;
    if (active >= activePartitionsMax) {
      return {
        errorCode: LIMIT_EXCEEDED,
        errorMessage: `There are more than ${activePartitionsMax} active partitions.`,
      };
    }
    const errorMessage = names.refusal(range, values);
    return errorMessage === undefined
      ? undefined
      : { errorCode: 'DynamicPartitioning.EvaluatedPrefixTooLong', errorMessage };
  }
}
