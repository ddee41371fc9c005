import type { ListObjectsOutput, ListObjectsRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { commonPrefixes, contents, encoder, listPage, ownerOf, pageSize } from '../list-responses.ts';

/** The first version of ListObjectsV2: the marker is a key; NextMarker is returned only with a delimiter, as on AWS. */
export async function listObjects(
  context: S3Context,
  input: Checked<ListObjectsRequest>,
): Promise<ListObjectsOutput> {
  const { Prefix: prefix = '', Delimiter: delimiter = '', Marker: marker = '' } = input;
  const size = pageSize(input.MaxKeys, 'max-keys', s3Limits.objectListedMax);
  const encode = encoder(input.EncodingType);
  const query = {
    prefix,
    delimiter,
    after: marker,
    afterIsPrefix: isCommonPrefix(marker, prefix, delimiter),
  };
  const page = await listPage(context, input.Bucket, query, size);
  return {
    Name: input.Bucket,
    Prefix: encode(prefix),
    Marker: encode(marker),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    MaxKeys: size,
    IsTruncated: page.next !== undefined,
    ...(page.next === undefined || delimiter === '' ? {} : { NextMarker: encode(page.next.after) }),
    Contents: contents(page, encode, ownerOf(context)),
    CommonPrefixes: commonPrefixes(page, encode),
  };
}

/** Whether a marker is the common prefix at the end of the previous page. */
function isCommonPrefix(marker: string, prefix: string, delimiter: string): boolean {
  if (delimiter === '' || !marker.startsWith(prefix)) return false;
  const at = marker.indexOf(delimiter, prefix.length);
  return at >= 0 && at + delimiter.length === marker.length;
}
