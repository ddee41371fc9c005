import type { CallContext } from '../../protocol/service.ts';
import { s3Limits } from './limits.ts';
import type { ChecksumAlgorithm } from './embedded/checksums.ts';
import type { ObjectMeta, StoredChecksum } from './embedded/object-meta.ts';
import { keyTooLong, metadataTooLarge } from './errors.ts';
import { decodeWords, encodeWords } from './encoded-words.ts';
import { tagCount } from './tags.ts';

const KEPT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
] as const;

/** The standard headers that an object stores, as sent; `aws-chunked` only describes the transfer and is removed. */
export function keptHeaders(call: CallContext): Record<string, string> {
  return keptFields(call.http.headers);
}

/** Does the same for the fields of a form. */
export function keptFields(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of KEPT_HEADERS) {
    const value = given[name];
    if (typeof value === 'string' && value !== '') kept[name] = value;
  }
  const encodings = (kept['content-encoding'] ?? '').split(',');
  const own = encodings
    .filter((encoding) => !['', 'aws-chunked'].includes(encoding.trim()))
    .join(',')
    .trim();
  if (own === '') delete kept['content-encoding'];
  else kept['content-encoding'] = own;
  return kept;
}

/** Throws KeyTooLongError. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > s3Limits.objectKeyBytesMax) throw keyTooLong(size, s3Limits.objectKeyBytesMax);
}

/** User metadata in its stored form. Throws MetadataTooLarge beyond 2 KB of names and values. */
export function userMetadata(metadata: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const kept = Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), decodeWords(value)]),
  );
  const size = Object.entries(kept).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > s3Limits.objectMetadataBytesMax) throw metadataTooLarge(size, s3Limits.objectMetadataBytesMax);
  return kept;
}

export type ChecksumMembers = { readonly ChecksumType?: 'COMPOSITE' | 'FULL_OBJECT' } & {
  readonly [A in ChecksumAlgorithm as `Checksum${A}`]?: string;
};

export function checksumMembers(checksum: StoredChecksum | undefined): ChecksumMembers {
  if (checksum === undefined) return {};
  return { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };
}

/** The checksum of the returned content: of the whole object, or of the part requested by number; none for a range. */
export function givenChecksum(
  meta: ObjectMeta,
  { ChecksumMode: mode, PartNumber: part }: { readonly ChecksumMode?: string; readonly PartNumber?: number },
  range: object | undefined,
): ChecksumMembers {
  if (mode === undefined) return {};
  const { checksum, partChecksums } = meta;
  if (part === undefined) return range === undefined ? checksumMembers(checksum) : {};
  if (meta.partSizes === undefined) return checksumMembers(checksum);
  const value = partChecksums?.[part - 1];
  if (checksum === undefined || value === undefined) return {};
  return checksumMembers({ ...checksum, value });
}

export function encryptionMember(isEncrypted: boolean): { readonly ServerSideEncryption?: 'AES256' } {
  return isEncrypted ? { ServerSideEncryption: 'AES256' } : {};
}

/** The headers that GetObject and HeadObject share. */
export function description(meta: ObjectMeta) {
  const { headers } = meta;
  const count = tagCount(meta.tags);
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(meta.modifiedMs),
    ETag: `"${meta.etag}"`,
    ...member('ContentType', headers['content-type']),
    ...member('CacheControl', headers['cache-control']),
    ...member('ContentDisposition', headers['content-disposition']),
    ...member('ContentEncoding', headers['content-encoding']),
    ...member('ContentLanguage', headers['content-language']),
    ...member('Expires', headers['expires']),
    ...encryptionMember(meta.encryption !== undefined),
    Metadata: Object.fromEntries(
      Object.entries(meta.metadata).map(([name, value]) => [name, encodeWords(value)]),
    ),
    ...(count === undefined ? {} : { TagCount: count }),
  };
}

function member<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  // One computed name makes a record with that name.
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>);
}
