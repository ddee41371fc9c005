import { PreconditionFailedError, type ObjectStore } from '../services/s3/object-store.ts';

/** Metadata of every delivered object: the delivery that wrote it, and the records that it holds. */
export const RANGE_METADATA = 'nagare-range';

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Uint8Array;
  /** Identifies the content: every attempt at the same object has the same mark. */
  readonly mark: string;
  readonly contentType?: string;
  readonly contentEncoding?: string | undefined;
}

/**
 * Creates an object, and never replaces one. An existing object with the same mark was written by an earlier attempt
 * whose response was lost, and counts as success. Throws if the object has another mark, or if the store fails.
 * Retrying is safe.
 */
export async function createObject(store: ObjectStore, object: NewObject): Promise<void> {
  const { bucket, key, body, mark, contentType, contentEncoding } = object;
  try {
    await store.put(bucket, key, body, {
      condition: { ifNoneMatch: '*' },
      metadata: { [RANGE_METADATA]: mark },
      ...(contentType !== undefined && { contentType }),
      contentEncoding,
    });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    const present = await store.head(bucket, key);
    if (present?.metadata[RANGE_METADATA] === mark) return;
    throw new Error(`${bucket}/${key} exists and was not written by this delivery`, { cause: error });
  }
}
