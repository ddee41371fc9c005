import { DamagedDataError, ServiceError } from '../../errors.ts';

/** S3's errors, with its messages: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */

const CONDITION_FAILED = 'At least one of the pre-conditions you specified did not hold';

export const noSuchBucket = (bucket: string): ServiceError =>
  new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });

export const noSuchKey = (key: string): ServiceError =>
  new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });

export const noSuchUpload = (uploadId: string): ServiceError =>
  new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  );

export const bucketAlreadyOwnedByYou = (bucket: string): ServiceError =>
  new ServiceError(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName: bucket },
  );

export const bucketNotEmpty = (bucket: string): ServiceError =>
  new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
    BucketName: bucket,
  });

/** The objects are in another S3. */
export const permanentRedirect = (endpoint: string): ServiceError =>
  new ServiceError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    { Endpoint: endpoint },
  );

export const invalidBucketName = (bucket: string): ServiceError =>
  new ServiceError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: bucket });

export const keyTooLong = (sizeBytes: number, maxBytes: number): ServiceError =>
  new ServiceError('KeyTooLongError', 'Your key is too long', 400, {
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maxBytes),
  });

export const preconditionFailed = (condition: string): ServiceError =>
  new ServiceError('PreconditionFailed', CONDITION_FAILED, 412, { Condition: condition });

export const conditionalRequestConflict = (condition: string): ServiceError =>
  new ServiceError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Condition: condition },
  );

const notConfigured =
  (code: string, message: string) =>
  (bucket: string): ServiceError =>
    new ServiceError(code, message, 404, { BucketName: bucket });

export const noSuchCors = notConfigured('NoSuchCORSConfiguration', 'The CORS configuration does not exist');
export const noSuchLifecycle = notConfigured(
  'NoSuchLifecycleConfiguration',
  'The lifecycle configuration does not exist',
);
export const noSuchBucketPolicy = notConfigured('NoSuchBucketPolicy', 'The bucket policy does not exist');
export const noSuchWebsite = notConfigured(
  'NoSuchWebsiteConfiguration',
  'The specified bucket does not have a website configuration',
);
export const noSuchReplication = notConfigured(
  'ReplicationConfigurationNotFoundError',
  'The replication configuration was not found',
);
export const noSuchObjectLock = notConfigured(
  'ObjectLockConfigurationNotFoundError',
  'Object Lock configuration does not exist for this bucket',
);
export const noSuchTagSet = notConfigured('NoSuchTagSet', 'The TagSet does not exist');
export const noSuchEncryption = notConfigured(
  'ServerSideEncryptionConfigurationNotFoundError',
  'The server side encryption configuration was not found',
);
export const noSuchPublicAccessBlock = notConfigured(
  'NoSuchPublicAccessBlockConfiguration',
  'The public access block configuration was not found',
);
export const noSuchOwnershipControls = notConfigured(
  'OwnershipControlsNotFoundError',
  'The bucket ownership controls were not found',
);

export const malformedPolicy = (message: string): ServiceError =>
  new ServiceError('MalformedPolicy', message);

export const publicPolicyBlocked = (bucket: string): ServiceError =>
  new ServiceError(
    'AccessDenied',
    `The request is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" because ` +
      'public policies are blocked by the BlockPublicPolicy block public access setting.',
    403,
  );

export const aclsDisabled = (): ServiceError =>
  new ServiceError('AccessControlListNotSupported', 'The bucket does not allow ACLs');

export const malformedAcl = (): ServiceError =>
  new ServiceError(
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const badRequest = (message: string): ServiceError => new ServiceError('BadRequest', message);

export const invalidTag = (message: string, key: string, value?: string): ServiceError =>
  new ServiceError('InvalidTag', message, 400, {
    TagKey: key,
    ...(value === undefined ? {} : { TagValue: value }),
  });

/**
 * The response to a read whose If-None-Match or If-Modified-Since does not hold: no body, and these headers of the
 * object.
 */
export const notModified = (headers: Readonly<Record<string, string>>): ServiceError =>
  new ServiceError('NotModified', 'Not Modified', 304, headers);

export const missingContentLength = (): ServiceError =>
  new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);

export const authorizationQueryError = (message: string): ServiceError =>
  new ServiceError('AuthorizationQueryParametersError', message);

/** A presigned URL, or the policy of a form, has expired. */
export const requestExpired = (
  untilMs: number,
  nowMs: number,
  fields: Readonly<Record<string, string>> = {},
): ServiceError =>
  new ServiceError('AccessDenied', 'Request has expired', 403, {
    ...fields,
    ...(Number.isNaN(untilMs) ? {} : { Expires: isoSeconds(untilMs) }),
    ServerTime: isoSeconds(nowMs),
  });

function isoSeconds(ms: number): string {
  return `${new Date(Math.min(ms, 8.64e15)).toISOString().slice(0, 19)}Z`;
}

/** The value of a `response-*` parameter is not valid in a header. */
export const unrepresentableHeader = (parameter: string, value: string): ServiceError =>
  new ServiceError('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', 400, {
    ArgumentName: parameter,
    ArgumentValue: value,
  });

export const notImplementedHeader = (header: string, additional: string): ServiceError =>
  new ServiceError(
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    501,
    {
      Header: header,
      additionalMessage: additional,
    },
  );

/** An unsupported option of the API: refused by name, never ignored. */
export const notImplemented = (what: string): ServiceError =>
  new ServiceError('NotImplemented', `nagare does not support ${what} yet`, 501);

export const invalidArgument = (message: string, name: string, value: string): ServiceError =>
  new ServiceError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });

export const invalidRequest = (message: string): ServiceError => new ServiceError('InvalidRequest', message);

export const malformedXml = (): ServiceError =>
  new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const invalidRange = (requested: string, sizeBytes: number): ServiceError =>
  new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: requested,
    ActualObjectSize: String(sizeBytes),
  });

export const invalidPartNumber = (): ServiceError =>
  new ServiceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416);

export const badDigest = (what: string): ServiceError =>
  new ServiceError('BadDigest', `The ${what} you specified did not match the calculated checksum.`);

export const badPartDigest = (algorithm: string, partNumber: number): ServiceError =>
  new ServiceError(
    'BadDigest',
    `The ${algorithm} you specified for part ${partNumber} did not match what we received.`,
  );

export const invalidChecksumHeader = (algorithm: string): ServiceError =>
  invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);

export const badContentMd5 = (expected: string, calculated: string): ServiceError =>
  new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, {
    ExpectedDigest: expected,
    CalculatedDigest: calculated,
  });

export const invalidDigest = (value: string): ServiceError =>
  new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
    'Content-MD5': value,
  });

export const incompleteBody = (): ServiceError =>
  new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );

export const entityTooLarge = (maxBytes: number): ServiceError =>
  new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    MaxSizeAllowed: String(maxBytes),
  });

export const entityTooSmall = (
  part: { readonly number: number; readonly etag: string; readonly sizeBytes: number },
  minBytes: number,
): ServiceError =>
  new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: String(part.sizeBytes),
    MinSizeAllowed: String(minBytes),
    PartNumber: String(part.number),
    ETag: part.etag,
  });

export const invalidPart = (uploadId: string, partNumber: number, etag: string): ServiceError =>
  new ServiceError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: uploadId, PartNumber: String(partNumber), ETag: etag },
  );

export const invalidPartOrder = (uploadId: string): ServiceError =>
  new ServiceError(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
    { UploadId: uploadId },
  );

export const notAForm = (): ServiceError =>
  new ServiceError('PreconditionFailed', CONDITION_FAILED, 412, {
    Condition: 'Bucket POST must be of the enclosure-type multipart/form-data',
  });

export const malformedPost = (): ServiceError =>
  new ServiceError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );

export const postFieldsTooLarge = (): ServiceError =>
  new ServiceError(
    'MaxPostPreDataLengthExceededError',
    'Your POST request fields preceding the upload file were too large.',
  );

export const postDenied = (why: string): ServiceError =>
  new ServiceError('AccessDenied', `Invalid according to Policy: ${why}`, 403);

export const onlyOneMechanism = (): ServiceError =>
  invalidArgument(
    'Only one auth mechanism allowed; a form is signed by its policy, and its request must not be signed',
    'Authorization',
    '',
  );

export const invalidPolicy = (why: string): ServiceError =>
  new ServiceError('InvalidPolicyDocument', `Invalid Policy: ${why}`);

export const postTooLarge = (sizeBytes: number, maxBytes: number): ServiceError =>
  new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    ProposedSize: String(sizeBytes),
    MaxSizeAllowed: String(maxBytes),
  });

export const postTooSmall = (sizeBytes: number, minBytes: number): ServiceError =>
  new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: String(sizeBytes),
    MinSizeAllowed: String(minBytes),
  });

export const metadataTooLarge = (sizeBytes: number, maxBytes: number): ServiceError =>
  new ServiceError(
    'MetadataTooLarge',
    'Your metadata headers exceed the maximum allowed metadata size',
    400,
    {
      Size: String(sizeBytes),
      MaxSizeAllowed: String(maxBytes),
    },
  );

export const noSpaceLeft = (): ServiceError =>
  new ServiceError(
    'InternalError',
    'We encountered an internal error: no space left in the data folder.',
    500,
  );

/** Bytes that do not match their checksum are never returned. The log says what is wrong with which file. */
export const objectDamaged = (bucket: string, key: string): DamagedDataError =>
  new DamagedDataError(`the object ${bucket}/${key} is damaged on disk`);

export const slowDown = (): ServiceError =>
  new ServiceError('SlowDown', 'Please reduce your request rate.', 503);
