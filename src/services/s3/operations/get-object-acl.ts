import type { GetObjectAclOutput, GetObjectAclRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchKey } from '../errors.ts';
import { ownersAcl } from '../list-responses.ts';

/** Returns the access control list of an object: always full control for its owner. */
export async function getObjectAcl(
  context: S3Context,
  input: Checked<GetObjectAclRequest>,
): Promise<GetObjectAclOutput> {
  if ((await context.objects.head(input.Bucket, input.Key)) === undefined) throw noSuchKey(input.Key);
  return ownersAcl(context);
}
