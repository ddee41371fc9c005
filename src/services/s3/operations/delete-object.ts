import type { DeleteObjectOutput, DeleteObjectRequest } from '@aws-sdk/client-s3';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { deleteCheck } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { invocationOf } from '../invocation.ts';
import { checkKey } from '../object-headers.ts';

/** Deletes an object; succeeds when it does not exist. The retry of a conditional call succeeds as well. */
export async function deleteObject(
  context: S3Context,
  input: Checked<DeleteObjectRequest>,
  call: CallContext,
): Promise<DeleteObjectOutput> {
  checkKey(input.Key);
  const { Bucket: bucket, Key: key, IfMatch: ifMatch } = input;
  const invocation = ifMatch === undefined ? undefined : invocationOf(call);
  await context.objects.delete(bucket, key, deleteCheck(key, ifMatch), invocation);
  return {};
}
