import { ServiceError } from '../../errors.ts';
import type { OperationModel } from '../../protocol/model.ts';
import type { S3Context } from './context.ts';
import { aclsDisabled, notImplemented, notImplementedHeader } from './errors.ts';

/** Unsupported members of inputs, with the values that have no effect. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  ACL: ['private', 'bucket-owner-full-control', 'bucket-owner-read'],
  GrantFullControl: [],
  GrantRead: [],
  GrantReadACP: [],
  GrantWrite: [],
  GrantWriteACP: [],
  ServerSideEncryption: ['AES256'],
  SSECustomerAlgorithm: [],
  SSECustomerKey: [],
  SSECustomerKeyMD5: [],
  SSEKMSKeyId: [],
  SSEKMSEncryptionContext: [],
  BucketKeyEnabled: [false],
  CopySourceSSECustomerAlgorithm: [],
  CopySourceSSECustomerKey: [],
  CopySourceSSECustomerKeyMD5: [],
  StorageClass: ['STANDARD'],
  WebsiteRedirectLocation: [],
  ObjectLockMode: [],
  ObjectLockRetainUntilDate: [],
  ObjectLockLegalHoldStatus: [],
  ObjectLockEventHold: [],
  ObjectLockEventHoldDurationDays: [],
  ObjectLockEventHoldDurationYears: [],
  AnnotationDirective: ['EXCLUDE'],
  ObjectLockEnabledForBucket: [false],
  BucketNamespace: ['global'],
  BypassGovernanceRetention: [false],
  ConfirmRemoveSelfBucketAccess: [true, false],
  MFA: [],
  VersionId: ['null'],
  OptionalObjectAttributes: [],
  WriteOffsetBytes: [],
  ChecksumSHA512: [],
  ChecksumMD5: [],
  ChecksumXXHASH64: [],
  ChecksumXXHASH3: [],
  ChecksumXXHASH128: [],
};

/** Conditions that S3 itself supports only for directory buckets. */
const directoryBucketsOnly: Readonly<Record<string, string>> = {
  IfMatchLastModifiedTime: 'x-amz-if-match-last-modified-time',
  IfMatchSize: 'x-amz-if-match-size',
  IfMatchInitiatedTime: 'x-amz-if-match-initiated-time',
};

/** Parts of the API selected by a word in the query string; supported operations have theirs in their path. */
const subresources = new Set(
  (
    'accelerate acl abac analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle ' +
    'logging metadataConfiguration metadataTable metrics notification object-lock ownershipControls policy ' +
    'policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session ' +
    'tagging torrent versioning versions website'
  ).split(' '),
);

type Http = OperationModel['http'];

/** Refuses, by name, options that would otherwise be ignored. Throws NotImplemented, AccessDenied. */
export function refuse(context: S3Context, { requestUri }: Http, input: object, query: string): void {
  const own = new URLSearchParams(requestUri.split('?')[1] ?? '');
  for (const name of new URLSearchParams(query).keys()) {
    if (subresources.has(name) && !own.has(name)) throw notImplemented(`the subresource ?${name} of S3`);
  }
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const harmless = refused[name];
    if (harmless !== undefined && !harmless.includes(value)) {
      if (/^(?:ACL|Grant)/.test(name) && disablesAcls(context, input)) throw aclsDisabled();
      throw notImplemented(`${name} (${String(value)})`);
    }
    const header = directoryBucketsOnly[name];
    if (header !== undefined) {
      throw notImplementedHeader(
        header,
        'This condition requires a directory bucket, which nagare does not support',
      );
    }
    const isOwner = name === 'ExpectedBucketOwner' || name === 'ExpectedSourceBucketOwner';
    if (isOwner && value !== context.accountId) throw new ServiceError('AccessDenied', 'Access Denied', 403);
  }
}

/** Whether the bucket's ownership controls allow no access control lists, as by default. */
function disablesAcls({ buckets }: S3Context, { Bucket: bucket }: { readonly Bucket?: unknown }): boolean {
  const info = typeof bucket === 'string' ? buckets.get(bucket) : undefined;
  return info !== undefined && (info.ownership === undefined || info.ownership === 'BucketOwnerEnforced');
}
