import { createHash } from 'node:crypto';
import type { ChecksumAlgorithm } from './checksums.ts';
import type { KeyStream } from './content-cipher.ts';
import type { Content } from './content.ts';

/** All facts about an object besides its bytes and the sums of its complete groups of blocks. */
export interface ObjectMeta {
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Unique per write, even for the same bytes. */
  readonly generation: string;
  /** The generation that wrote the file; an append keeps it. It is the key of the rows of sums. */
  readonly content: string;
  /** Standard headers to return with it, in lower case: `content-type`, `cache-control`, ... */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, in lower case, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: StoredChecksum;
  /** For an object made by a multipart upload, in order. */
  readonly partSizes?: readonly number[];
  /** The checksums of those parts by the object's algorithm, if each has one. */
  readonly partChecksums?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** The key with which the content is encrypted (content-cipher.ts). */
  readonly encryption?: string;
  /** Key streams of a content that was appended to (append-cipher.ts). */
  readonly keyStreams?: readonly KeyStream[];
  /** Invocation id of the conditional call that wrote the object, to recognize a retry. */
  readonly invocation?: string;
  /**
   * CRC-32 of the blocks after the last complete group (block-sums.ts). Undefined until an upgraded object is scrubbed.
   */
  readonly sums?: string;
}

/** An object's row; the object's key is the row's key. Appends keep members that later versions add. */
export type ObjectRow = Omit<ObjectMeta, 'key'>;

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export const hasNone = (tags: object | undefined): tags is undefined =>
  tags === undefined || Object.keys(tags).length === 0;

/** What a writer specifies for a new object; the rest is derived from its content. */
export type NewMeta = Pick<
  ObjectMeta,
  'headers' | 'metadata' | 'checksum' | 'partSizes' | 'partChecksums' | 'tags' | 'invocation'
> & {
  /** Default: the content's MD5. */
  readonly etag?: string;
};

/** The metadata of the object that `content` becomes. */
export function metaOf(key: string, content: Content, given: NewMeta, modifiedMs: number): ObjectMeta {
  const { generation, encryption } = content;
  return {
    key,
    sizeBytes: content.sizeBytes,
    etag: given.etag ?? content.md5,
    modifiedMs,
    generation,
    content: generation,
    headers: given.headers,
    metadata: given.metadata,
    sums: content.sums.tail,
    ...(given.checksum === undefined ? {} : { checksum: given.checksum }),
    ...(given.partSizes === undefined ? {} : { partSizes: given.partSizes }),
    ...(given.partChecksums === undefined ? {} : { partChecksums: given.partChecksums }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(hasNone(given.tags) ? {} : { tags: given.tags }),
    ...(given.invocation === undefined ? {} : { invocation: given.invocation }),
  };
}

/** The metadata after an append of `bytes`, without sums: those are computed from the bytes as stored. */
export function appendedMeta(
  current: ObjectMeta,
  bytes: Uint8Array,
  now: Pick<ObjectMeta, 'modifiedMs' | 'generation' | 'metadata'>,
): ObjectMeta {
  const {
    checksum: _checksum,
    partSizes: _sizes,
    partChecksums: _checksums,
    invocation: _call,
    sums: _sums,
    ...kept
  } = current;
  return {
    ...kept,
    ...now,
    sizeBytes: current.sizeBytes + bytes.length,
    etag: chainedEtag(current.etag, bytes),
  };
}

/** The ETag of an object after appending `bytes`. */
function chainedEtag(before: string, bytes: Uint8Array): string {
  const [digest = '', count = '1'] = before.split('-');
  const chain = createHash('md5')
    .update(Buffer.from(digest, 'hex'))
    .update(createHash('md5').update(bytes).digest());
  return `${chain.digest('hex')}-${Number(count) + 1}`;
}
