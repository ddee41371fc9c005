import type { CommonPrefix, Grant, Owner, _Object } from '@aws-sdk/client-s3';
import type { S3Context } from './context.ts';
import { list, type ListingQuery } from './embedded/listing.ts';
import type { ObjectMeta } from './embedded/object-meta.ts';
import { invalidArgument } from './errors.ts';

export function ownerOf(context: S3Context): Owner {
  return { ID: context.accountId };
}

/** The only access control list: full control for the owner. */
export function ownersAcl(context: S3Context): { Owner: Owner; Grants: Grant[] } {
  const owner = ownerOf(context);
  return {
    Owner: owner,
    Grants: [{ Grantee: { ...owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }],
  };
}

/** A page never exceeds `max`, whatever the client requests. Throws InvalidArgument. */
export function pageSize(wanted: number | undefined, name: string, max: number): number {
  if (wanted === undefined) return max;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 2 ** 31 - 1) {
    throw invalidArgument(
      'Argument maxKeys must be an integer between 0 and 2147483647',
      name,
      String(wanted),
    );
  }
  return Math.min(wanted, max);
}

/** `encoding-type=url`: percent-encodes names except slashes, for characters that XML cannot hold. */
export function encoder(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return (text) =>
    encodeURIComponent(text)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+')
      .replaceAll(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export interface ListingPage {
  readonly objects: readonly ObjectMeta[];
  readonly commonPrefixes: readonly string[];
  /** The last entry of the page, when there are more. */
  readonly next: { readonly after: string; readonly afterIsPrefix: boolean } | undefined;
}

export async function listPage(
  context: S3Context,
  bucket: string,
  query: ListingQuery,
  size: number,
): Promise<ListingPage> {
  context.objects.requireBucket(bucket);
  const objects: ObjectMeta[] = [];
  const commonPrefixes: string[] = [];
  let last: ListingPage['next'];
  let truncated = false;
  if (size > 0) {
    for await (const listed of list(context.objects, bucket, query)) {
      if (objects.length + commonPrefixes.length === size) {
        truncated = true;
        break;
      }
      if ('meta' in listed) objects.push(listed.meta);
      else commonPrefixes.push(listed.commonPrefix);
      last =
        'meta' in listed
          ? { after: listed.meta.key, afterIsPrefix: false }
          : { after: listed.commonPrefix, afterIsPrefix: true };
    }
  }
  return { objects, commonPrefixes, next: truncated ? last : undefined };
}

export function contents(
  page: ListingPage,
  encode: (text: string) => string,
  owner: Owner | undefined,
): _Object[] {
  return page.objects.map((meta) => ({
    Key: encode(meta.key),
    LastModified: new Date(meta.modifiedMs),
    ETag: `"${meta.etag}"`,
    ...(meta.checksum === undefined
      ? {}
      : { ChecksumAlgorithm: [meta.checksum.algorithm], ChecksumType: meta.checksum.type }),
    Size: meta.sizeBytes,
    StorageClass: 'STANDARD' as const,
    ...(owner === undefined ? {} : { Owner: owner }),
  }));
}

export function commonPrefixes(page: ListingPage, encode: (text: string) => string): CommonPrefix[] {
  return page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) }));
}
