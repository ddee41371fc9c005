import { createHash } from 'node:crypto';
import type { ChecksumAlgorithm } from './checksums.ts';

/** Everything known about an object besides its bytes and the sums of its complete groups of blocks. */
export interface ObjectMeta {
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Differs between any two writes, also of the same bytes. */
  readonly generation: string;
  /** The generation that wrote the file; an append keeps it. Rows of sums are found by it. */
  readonly content: string;
  /** Standard headers it is given back with, lower case: `content-type`, `cache-control`, ... */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, lower case, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: StoredChecksum;
  /** Of an object made by a multipart upload, in order. */
  readonly partSizes?: readonly number[];
  /** The checksums of those parts, by the object's algorithm, when each has one. */
  readonly partChecksums?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** The key under which the content is encrypted (content-cipher.ts). */
  readonly encryption?: string;
  /** Of the call that wrote the object on a condition; the call may be repeated. */
  readonly invocation?: string;
  /** CRC-32 of the blocks behind the last complete group (block-sums.ts). Undefined until an upgraded object is scrubbed. */
  readonly sums?: string;
}

/** An object's row; its key is the row's. Members that later versions add are kept by appends. */
export type ObjectRow = Omit<ObjectMeta, 'key'>;

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export const hasNone = (tags: object | undefined): tags is undefined =>
  tags === undefined || Object.keys(tags).length === 0;

/** Of an object with `bytes` added to it. */
export function chainedEtag(before: string, bytes: Uint8Array): string {
  const [digest = '', count = '1'] = before.split('-');
  const chain = createHash('md5')
    .update(Buffer.from(digest, 'hex'))
    .update(createHash('md5').update(bytes).digest());
  return `${chain.digest('hex')}-${Number(count) + 1}`;
}
