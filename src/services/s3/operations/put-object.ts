import type { PutObjectOutput, PutObjectRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { writeCheck, writeCondition } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { isEncryptedIn } from '../default-encryption.ts';
import { repeatable } from '../invocation.ts';
import { checkKey, checksumMembers, encryptionMember, keptHeaders, userMetadata } from '../object-headers.ts';
import { headerTags } from '../tags.ts';
import { receiveBody, type StreamedBody } from '../receive-body.ts';

export type PutObjectInput = Omit<Checked<PutObjectRequest>, 'Body'> & { readonly Body?: StreamedBody };

/**
 * Stores the body as the object: atomic, and durable when the call returns. Conditions are checked when the body has
 * arrived, and again together with the write. Objects have no versions.
 */
export async function putObject(
  context: S3Context,
  input: PutObjectInput,
  call: CallContext,
): Promise<PutObjectOutput> {
  const { objects } = context;
  const { Bucket: bucket, Key: key } = input;
  objects.requireBucket(bucket);
  checkKey(key);
  const condition = writeCondition(input);
  const metadata = userMetadata(input.Metadata);
  const tags = headerTags(input.Tagging);
  const isEncrypted = isEncryptedIn(context, input.Bucket, input.ServerSideEncryption);
  const max = s3Limits.objectPutBytesMax;
  const { content, checksum } = await receiveBody(objects, input, call, max, undefined, isEncrypted);
  const written = await objects.put(
    bucket,
    key,
    content,
    {
      headers: keptHeaders(call),
      metadata,
      ...(checksum === undefined ? {} : { checksum }),
      ...(tags === undefined ? {} : { tags }),
      ...repeatable(condition, call),
    },
    writeCheck(key, condition),
  );
  return { ETag: `"${written.etag}"`, ...encryptionMember(isEncrypted), ...checksumMembers(checksum) };
}
