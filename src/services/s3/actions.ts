import type { Authorization, AuthorizationRule, Caller, Need } from '../../protocol/authorization.ts';
import type api from './api.json';
import type { S3Context } from './context.ts';
import { parseCopySource } from './copy-source.ts';
import { headerTags, type Tags } from './tags.ts';

interface BucketInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly CreateBucketConfiguration?: { readonly LocationConstraint?: string };
}

interface ObjectInput extends BucketInput {
  readonly Key: string;
  readonly VersionId?: string;
  /** Of a header, or the document of PutObjectTagging. */
  readonly Tagging?:
    | string
    | { readonly TagSet: readonly { readonly Key: string; readonly Value: string }[] };
  readonly CopySource?: string;
}

/**
 * What the operations of S3 need (service authorization reference, Amazon S3). Buckets and keys are those that the
 * operation gets: what is authorized is what is served, however a path was written.
 */
export function s3Authorization(context: S3Context): Authorization {
  const rules = {
    AbortMultipartUpload: object('AbortMultipartUpload'),
    CompleteMultipartUpload: put,
    CopyObject: copy,
    CreateBucket: bucket('CreateBucket'),
    CreateMultipartUpload: put,
    DeleteBucket: bucket('DeleteBucket'),
    DeleteBucketEncryption: bucket('PutEncryptionConfiguration'),
    DeleteBucketPolicy: bucket('DeleteBucketPolicy'),
    DeleteBucketOwnershipControls: bucket('PutBucketOwnershipControls'),
    DeleteBucketTagging: bucket('PutBucketTagging'),
    DeleteObject: versioned('DeleteObject', 'DeleteObjectVersion'),
    DeleteObjectTagging: versioned('DeleteObjectTagging', 'DeleteObjectVersionTagging'),
    // Each key is decided by itself.
    DeleteObjects: () => [],
    DeletePublicAccessBlock: bucket('PutBucketPublicAccessBlock'),
    GetBucketAccelerateConfiguration: bucket('GetAccelerateConfiguration'),
    GetBucketAcl: bucket('GetBucketAcl'),
    GetBucketCors: bucket('GetBucketCORS'),
    GetBucketEncryption: bucket('GetEncryptionConfiguration'),
    GetBucketLifecycleConfiguration: bucket('GetLifecycleConfiguration'),
    GetBucketLocation: bucket('GetBucketLocation'),
    GetBucketLogging: bucket('GetBucketLogging'),
    GetBucketNotificationConfiguration: bucket('GetBucketNotification'),
    GetBucketOwnershipControls: bucket('GetBucketOwnershipControls'),
    GetBucketPolicy: bucket('GetBucketPolicy'),
    GetBucketPolicyStatus: bucket('GetBucketPolicyStatus'),
    GetBucketReplication: bucket('GetReplicationConfiguration'),
    GetBucketRequestPayment: bucket('GetBucketRequestPayment'),
    GetBucketTagging: bucket('GetBucketTagging'),
    GetBucketVersioning: bucket('GetBucketVersioning'),
    GetBucketWebsite: bucket('GetBucketWebsite'),
    GetObject: versioned('GetObject', 'GetObjectVersion'),
    GetObjectAcl: versioned('GetObjectAcl', 'GetObjectVersionAcl'),
    GetObjectAttributes: (input: ObjectInput, caller: Caller) => [
      ...versioned('GetObject', 'GetObjectVersion')(input, caller),
      ...versioned('GetObjectAttributes', 'GetObjectVersionAttributes')(input, caller),
    ],
    GetObjectLockConfiguration: bucket('GetBucketObjectLockConfiguration'),
    GetObjectTagging: versioned('GetObjectTagging', 'GetObjectVersionTagging'),
    GetPublicAccessBlock: bucket('GetBucketPublicAccessBlock'),
    HeadBucket: bucket('ListBucket'),
    HeadObject: versioned('GetObject', 'GetObjectVersion'),
    ListBuckets: () => ({ action: 's3:ListAllMyBuckets', resource: '*' }),
    ListMultipartUploads: bucket('ListBucketMultipartUploads'),
    ListObjects: bucket('ListBucket'),
    ListObjectsV2: bucket('ListBucket'),
    ListParts: object('ListMultipartUploadParts'),
    // The key is in the form, and its signer is who needs the permission.
    PostObject: () => [],
    PutBucketAcl: bucket('PutBucketAcl'),
    PutBucketEncryption: bucket('PutEncryptionConfiguration'),
    PutBucketOwnershipControls: bucket('PutBucketOwnershipControls'),
    PutBucketPolicy: bucket('PutBucketPolicy'),
    PutBucketTagging: bucket('PutBucketTagging'),
    PutObject: put,
    PutObjectTagging: versioned('PutObjectTagging', 'PutObjectVersionTagging'),
    PutPublicAccessBlock: bucket('PutBucketPublicAccessBlock'),
    UploadPart: put,
    UploadPartCopy: copy,
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return { prefix: 's3', rules, tagsOf: (arn) => tagsOf(context, arn), servesAnonymous: true };
}

/** One key of DeleteObjects. */
export function deletionOf(
  Bucket: string,
  { Key, VersionId }: Pick<ObjectInput, 'Key' | 'VersionId'>,
  caller: Pick<Caller, 'http'>,
): Need {
  const action = VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  return needOf(
    action,
    objectArn(Bucket, Key),
    { Bucket, Key, ...(VersionId !== undefined && { VersionId }) },
    caller,
  );
}

/** A form whose signature was verified. */
export function postingTo(
  Bucket: string,
  Key: string,
  fields: ReadonlyMap<string, string>,
  caller: Pick<Caller, 'http'>,
): Need {
  const keys = (key: string): string | readonly string[] | undefined => {
    // The fields are what counts, and what is signed: headers of the request are neither.
    const header = headerIn(key);
    if (header === undefined) return keyOf(key, { Bucket, Key }, caller);
    return fields.get(header === 'x-amz-acl' ? 'acl' : header);
  };
  return { action: 's3:PutObject', resource: objectArn(Bucket, Key), keys };
}

type S3Rule = (input: ObjectInput, caller: Caller) => Need[];

function bucket(action: string): S3Rule {
  return (input, caller) => [needOf(`s3:${action}`, bucketArn(input.Bucket), input, caller)];
}

function object(action: string): S3Rule {
  return (input, caller) => [needOf(`s3:${action}`, objectArn(input.Bucket, input.Key), input, caller)];
}

/** A request that names a version needs another action. */
function versioned(action: string, ofVersion: string): S3Rule {
  return (input, caller) => object(input.VersionId === undefined ? action : ofVersion)(input, caller);
}

function put(input: ObjectInput, caller: Caller): Need[] {
  const needs = object('PutObject')(input, caller);
  return input.Tagging === undefined ? needs : [...needs, ...object('PutObjectTagging')(input, caller)];
}

/** Throws InvalidArgument for a source that names no object. */
function copy(input: ObjectInput, caller: Caller): Need[] {
  const source = parseCopySource(input.CopySource ?? '');
  const resource = objectArn(source.bucket, source.key);
  return [needOf('s3:GetObject', resource, input, caller), ...put(input, caller)];
}

function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

function objectArn(name: string, key: string): string {
  return `${bucketArn(name)}/${key}`;
}

function needOf(
  action: string,
  resource: string,
  input: BucketInput & Partial<ObjectInput>,
  caller: Pick<Caller, 'http'>,
): Need {
  return { action, resource, keys: (key) => keyOf(key, input, caller) };
}

/** The condition keys of S3 that follow from a request. */
function keyOf(
  key: string,
  input: BucketInput & Partial<ObjectInput>,
  { http }: Pick<Caller, 'http'>,
): string | readonly string[] | undefined {
  switch (key) {
    case 's3:prefix':
      return input.Prefix;
    case 's3:delimiter':
      return input.Delimiter;
    case 's3:max-keys':
      return input.MaxKeys === undefined ? undefined : String(input.MaxKeys);
    case 's3:versionid':
      return input.VersionId;
    case 's3:locationconstraint':
      return input.CreateBucketConfiguration?.LocationConstraint;
    case 's3:authtype':
      return authType(http);
    case 's3:signatureversion':
      return 'AWS4-HMAC-SHA256';
    case 's3:tlsversion':
      return http.peer.tls?.version.replace(/^TLSv/, '');
    case 's3:requestobjecttagkeys':
      return Object.keys(requestedTags(input));
    default:
  }
  const [, tag] = /^s3:requestobjecttag\/(.*)$/s.exec(key) ?? [];
  if (tag !== undefined) {
    return Object.entries(requestedTags(input)).find(([name]) => name.toLowerCase() === tag)?.[1];
  }
  const header = headerIn(key);
  return header === undefined ? undefined : http.headers[header];
}

/** The header that a condition key is about. */
function headerIn(key: string): string | undefined {
  return /^s3:(x-amz-.*|if-match|if-none-match)$/.exec(key)?.[1];
}

/** Undefined for a request without a signature. */
function authType({ method, headers, query }: Caller['http']): string | undefined {
  if (headers.authorization !== undefined) return 'REST-HEADER';
  if (query.includes('X-Amz-Signature=')) return 'REST-QUERY-STRING';
  return method === 'POST' && headers['content-type']?.startsWith('multipart/') === true ? 'POST' : undefined;
}

/** Throws InvalidArgument, InvalidTag, BadRequest for an invalid header. */
function requestedTags({ Tagging }: Partial<ObjectInput>): Tags {
  if (typeof Tagging !== 'object') return headerTags(Tagging) ?? {};
  return Object.fromEntries(Tagging.TagSet.map(({ Key, Value }) => [Key, Value]));
}

async function tagsOf({ objects }: S3Context, arn: string): Promise<Tags | undefined> {
  const [, name, key] = /^arn:aws:s3:::([^/]+)\/(.+)$/s.exec(arn) ?? [];
  if (name === undefined || key === undefined) return undefined;
  return (await objects.head(name, key))?.tags;
}
