import type { DeleteObjectOutput, DeleteObjectRequest } from '@aws-sdk/client-s3';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { deleteCheck } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { invocationOf } from '../invocation.ts';
import { checkKey } from '../object-headers.ts';

/**
 * Removes an object; one that is not there is removed already. A call on a condition that is repeated (its answer was
 * lost) succeeds again.
 */
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
