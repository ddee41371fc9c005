import type { ListObjectsV2Output, ListObjectsV2Request } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { commonPrefixes, contents, encoder, listPage, ownerOf, pageSize } from '../list-responses.ts';

interface Token {
  readonly after: string;
  readonly afterIsPrefix: boolean;
}

/** Lists a bucket's objects in the order of their keys' bytes, in pages, rolled up at a delimiter. */
export async function listObjectsV2(
  context: S3Context,
  input: Checked<ListObjectsV2Request>,
): Promise<ListObjectsV2Output> {
  const {
    Prefix: prefix = '',
    Delimiter: delimiter = '',
    ContinuationToken: token,
    StartAfter: startAfter = '',
  } = input;
  const size = pageSize(input.MaxKeys, 'max-keys', s3Limits.objectListedMax);
  const encode = encoder(input.EncodingType);
  const from = token === undefined ? { after: startAfter, afterIsPrefix: false } : readToken(token);
  const page = await listPage(context, input.Bucket, { prefix, delimiter, ...from }, size);
  return {
    Name: input.Bucket,
    Prefix: encode(prefix),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(input.StartAfter === undefined ? {} : { StartAfter: encode(startAfter) }),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    MaxKeys: size,
    KeyCount: page.objects.length + page.commonPrefixes.length,
    IsTruncated: page.next !== undefined,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(page.next === undefined ? {} : { NextContinuationToken: writeToken(page.next) }),
    Contents: contents(page, encode, input.FetchOwner === true ? ownerOf(context) : undefined),
    CommonPrefixes: commonPrefixes(page, encode),
  };
}

function writeToken(token: Token): string {
  return Buffer.from(`${token.afterIsPrefix ? 'p' : 'k'}${token.after}`).toString('base64url');
}

function readToken(text: string): Token {
  const token = Buffer.from(text, 'base64url').toString();
  const kind = token[0];
  if (kind !== 'p' && kind !== 'k') {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', text);
  }
  return { after: token.slice(1), afterIsPrefix: kind === 'p' };
}
