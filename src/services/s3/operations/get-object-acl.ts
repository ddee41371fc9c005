import type { GetObjectAclOutput, GetObjectAclRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchKey } from '../errors.ts';
import { ownersAcl } from '../list-responses.ts';

/** The access control list of an object: its owner has full control, always. */
export async function getObjectAcl(
  context: S3Context,
  input: Checked<GetObjectAclRequest>,
): Promise<GetObjectAclOutput> {
  if ((await context.objects.head(input.Bucket, input.Key)) === undefined) throw noSuchKey(input.Key);
  return ownersAcl(context);
}
