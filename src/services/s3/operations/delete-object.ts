import type { DeleteObjectOutput, DeleteObjectRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import { deleteCheck } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { checkKey } from '../object-headers.ts';

/** Removes an object; one that is not there is removed already. */
export async function deleteObject(
  context: S3Context,
  input: Checked<DeleteObjectRequest>,
): Promise<DeleteObjectOutput> {
  checkKey(input.Key);
  await context.objects.delete(input.Bucket, input.Key, deleteCheck(input.Key, input.IfMatch));
  return {};
}
