import type { Tag } from '@aws-sdk/client-s3';
import type { Checked } from '../../protocol/service.ts';
import { badRequest, invalidArgument, invalidTag } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

const BUCKET_TAGS_MAX = 50;
const OBJECT_TAGS_MAX = 10;
const KEY_CHARACTERS_MAX = 128;
const VALUE_CHARACTERS_MAX = 256;
const ALLOWED = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

/** Throws InvalidTag, BadRequest, with S3's messages for buckets. */
export function bucketTags(set: readonly Checked<Tag>[]): Tags {
  if (set.length > BUCKET_TAGS_MAX) {
    throw badRequest(`Bucket tag count cannot be greater than ${BUCKET_TAGS_MAX}`);
  }
  return checkedTags(set, 'System tags cannot be added/updated by requester');
}

/** Does the same for objects. */
export function objectTags(set: readonly Checked<Tag>[]): Tags {
  if (set.length > OBJECT_TAGS_MAX) {
    throw badRequest(`Object tags cannot be greater than ${OBJECT_TAGS_MAX}`);
  }
  return checkedTags(set, 'Your TagKey cannot be prefixed with aws:');
}

/**
 * Parses the header `x-amz-tagging`: tags in the form of a query string. Throws InvalidArgument, InvalidTag,
 * BadRequest.
 */
export function headerTags(header: string | undefined): Tags | undefined {
  if (header === undefined || header === '') return undefined;
  const entries = [...new URLSearchParams(header)];
  if (new Set(entries.map(([key]) => key)).size < entries.length) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    );
  }
  return objectTags(entries.map(([Key, Value]) => ({ Key, Value })));
}

export function tagSet(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Undefined when there are none, as rows and headers store it. */
export function tagCount(tags: Tags | undefined): number | undefined {
  const count = Object.keys(tags ?? {}).length;
  return count === 0 ? undefined : count;
}

function checkedTags(set: readonly Checked<Tag>[], systemTag: string): Tags {
  const tags = new Map<string, string>();
  for (const { Key: key, Value: value } of set) {
    if (tags.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', key);
    if (key.startsWith('aws:')) throw invalidTag(systemTag, key);
    if (key === '' || key.length > KEY_CHARACTERS_MAX || !ALLOWED.test(key)) {
      throw invalidTag('The TagKey you have provided is invalid', key);
    }
    if (value.length > VALUE_CHARACTERS_MAX || !ALLOWED.test(value)) {
      throw invalidTag('The TagValue you have provided is invalid', key, value);
    }
    tags.set(key, value);
  }
  return Object.fromEntries(tags);
}
