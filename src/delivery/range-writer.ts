import type { StreamRecord } from '../consumers/source.ts';
import { limits } from '../limits.ts';
import { PreconditionFailedError, type ObjectStore } from '../services/s3/object-store.ts';
import { compress } from './compress.ts';
import type { Range } from './ranges.ts';
import type { DeliverySpec, RangeStart } from './spec.ts';

/** The result for a range. */
export interface Delivered {
  readonly records: number;
  readonly refused: number;
  readonly bytesIn: number;
  /** The size as stored, after compression. */
  readonly bytesOut: number;
}

/** In the metadata of every object: which delivery wrote it, and which records it holds. */
export const RANGE_METADATA = 'nagare-range';

/**
 * Writes the records of a range as one object, and the records that do not have the format as another. Objects are
 * only created, never replaced: an existing object was written by an earlier attempt at the same range whose response
 * was lost. Throws if it was not, or if the store fails; writing again is then safe.
 */
export async function writeRange(
  spec: DeliverySpec,
  store: ObjectStore,
  shardId: string,
  range: Range,
  records: readonly StreamRecord[],
): Promise<Delivered> {
  const { good, refused, refusedCount, bytesIn } = await sortOut(spec, shardId, records);
  const start: RangeStart = { shardId, ...range };
  const { id, bucket, compression } = spec;
  const { firstSequenceNumber, lastSequenceNumber } = range;
  const mark = `${id}/${shardId}/${firstSequenceNumber}-${lastSequenceNumber}`;
  const body = await compress(Buffer.concat(good), compression);
  if (refusedCount < records.length) await make(store, bucket, spec.keyOf(start), body, mark);
  if (refusedCount > 0) {
    await make(store, spec.refused.bucket, spec.refused.keyOf(start), Buffer.from(refused), mark);
  }
  const bytesOut = refusedCount < records.length ? body.length : 0;
  return { records: records.length, refused: refusedCount, bytesIn, bytesOut };
}

async function sortOut(spec: DeliverySpec, shardId: string, records: readonly StreamRecord[]) {
  const good: Uint8Array[] = [];
  let refused = '';
  let refusedCount = 0;
  let bytesIn = 0;
  let untilRest = limits.deliveryBytesAtOnceMax;
  for (const record of records) {
    const sorted = spec.sort(record);
    if (sorted.refusal === undefined) good.push(...sorted.parts);
    else {
      refused += spec.refused.write(record, shardId, sorted.refusal);
      refusedCount++;
    }
    bytesIn += record.data.length;
    untilRest -= record.data.length;
    if (untilRest > 0) continue;
    // Checking megabytes of JSON takes a while: yield to other work.
    await new Promise((resolve) => setImmediate(resolve));
    untilRest = limits.deliveryBytesAtOnceMax;
  }
  return { good, refused, refusedCount, bytesIn };
}

async function make(
  store: ObjectStore,
  bucket: string,
  key: string,
  body: Buffer,
  mark: string,
): Promise<void> {
  try {
    const metadata = { [RANGE_METADATA]: mark };
    await store.put(bucket, key, body, { condition: { ifNoneMatch: '*' }, metadata });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    const present = await store.head(bucket, key);
    if (present?.metadata[RANGE_METADATA] === mark) return;
    throw new Error(`${bucket}/${key} is there and was not written by this delivery`, { cause: error });
  }
}
