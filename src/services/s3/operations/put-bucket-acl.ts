import type { AccessControlPolicy, Grantee, PutBucketAclRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { aclsDisabled, malformedAcl, notImplemented } from '../errors.ts';
import { ownerOf } from '../list-responses.ts';

/**
 * Accepts the access control list that every bucket has, full control for its owner, if the bucket's ownership controls
 * allow lists at all; by default they do not. Others are refused by name.
 */
export function putBucketAcl(context: S3Context, input: Checked<PutBucketAclRequest>): void {
  const { ownership = 'BucketOwnerEnforced' } = context.buckets.require(input.Bucket);
  if (ownership === 'BucketOwnerEnforced') throw aclsDisabled();
  const { ACL: canned, AccessControlPolicy: list } = input;
  if (canned === undefined && list === undefined) throw malformedAcl();
  if (list !== undefined && !isOwners(list, ownerOf(context).ID)) {
    throw notImplemented('access control lists for others');
  }
}

function isOwners({ Owner, Grants = [] }: Checked<AccessControlPolicy>, owner: string | undefined): boolean {
  const isOwner = (grantee: Checked<Grantee> | undefined): boolean =>
    grantee?.ID === owner && grantee?.EmailAddress === undefined && grantee?.URI === undefined;
  return (
    Owner?.ID === owner &&
    Grants.length > 0 &&
    Grants.every((grant) => isOwner(grant.Grantee) && grant.Permission === 'FULL_CONTROL')
  );
}
