import type { ChecksumAlgorithm } from './checksums.ts';

/** What is known of an object besides its bytes: the text of its metadata file, as JSON. */
export interface ObjectMeta {
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Differs between any two writes, also of the same bytes. */
  readonly generation: string;
  /** Standard headers it is given back with, lower case: `content-type`, `cache-control`, ... */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, lower case, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: StoredChecksum;
  /** Of an object made by a multipart upload, in order. */
  readonly partSizes?: readonly number[];
}

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export function metaText(meta: ObjectMeta): string {
  return `${JSON.stringify(meta, undefined, 2)}\n`;
}

/** Of a metadata file's text, which only this store writes. */
export function parseMeta(text: Buffer, path: string): ObjectMeta {
  try {
    return JSON.parse(text.toString('utf8')) as ObjectMeta; // our own file
  } catch (error) {
    throw new Error(`${path} is damaged: it should hold the metadata of an object, as JSON`, {
      cause: error,
    });
  }
}
