import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: [
    'AbortMultipartUpload',
    'CompleteMultipartUpload',
    'CopyObject',
    'CreateMultipartUpload',
    'DeleteObject',
    'DeleteObjects',
    'DeleteObjectTagging',
    'GetObject',
    'GetObjectAcl',
    'GetObjectAttributes',
    'GetObjectTagging',
    'HeadBucket',
    'HeadObject',
    'ListMultipartUploads',
    'ListObjects',
    'ListObjectsV2',
    'ListParts',
    'PostObject',
    'PutObject',
    'PutObjectTagging',
    'UploadPart',
    'UploadPartCopy',
  ],
  hidden: [
    // The model marks these as sensitive.
    'CopySourceSSECustomerKey',
    'SSECustomerKey',
    'SSEKMSEncryptionContext',
    'SSEKMSKeyId',
    // What users store with an object.
    'Metadata',
  ],
};
