import type { CreateMultipartUploadOutput, CreateMultipartUploadRequest } from '@aws-sdk/client-s3';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { isEncryptedIn } from '../default-encryption.ts';
import { checkKey, encryptionMember, keptHeaders, userMetadata } from '../object-headers.ts';
import { checksumAlgorithms } from '../embedded/checksums.ts';
import type { Upload } from '../embedded/upload.ts';
import { invalidRequest, notImplemented } from '../errors.ts';
import { headerTags } from '../tags.ts';

/** Starts a multipart upload. It has the headers and metadata; parts have only bytes. */
export async function createMultipartUpload(
  context: S3Context,
  input: Checked<CreateMultipartUploadRequest>,
  call: CallContext,
): Promise<CreateMultipartUploadOutput> {
  context.objects.requireBucket(input.Bucket);
  checkKey(input.Key);
  const checksum = checksumOf(input);
  const isEncrypted = isEncryptedIn(context, input.Bucket, input.ServerSideEncryption);
  const tags = headerTags(input.Tagging);
  const upload = await context.uploads.create({
    bucket: input.Bucket,
    key: input.Key,
    headers: keptHeaders(call),
    metadata: userMetadata(input.Metadata),
    ...(tags === undefined ? {} : { tags }),
    ...(isEncrypted ? { isEncrypted } : {}),
    ...(checksum === undefined ? {} : { checksum }),
  });
  return {
    Bucket: input.Bucket,
    Key: input.Key,
    UploadId: upload.id,
    ...encryptionMember(isEncrypted),
    ...(checksum === undefined ? {} : { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
  };
}

/** CRC64NVME always covers the whole object, SHA-1 and SHA-256 always the parts, the other CRCs either. */
function checksumOf(input: Checked<CreateMultipartUploadRequest>): Upload['checksum'] {
  const { ChecksumAlgorithm: wanted, ChecksumType: type } = input;
  if (wanted === undefined) {
    if (type === undefined) return undefined;
    throw invalidRequest(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const algorithm = checksumAlgorithms.find((known) => known === wanted);
  if (algorithm === undefined) throw notImplemented(`ChecksumAlgorithm ${wanted}`);
  const impossible =
    algorithm === 'CRC64NVME' ? 'COMPOSITE' : algorithm.startsWith('SHA') ? 'FULL_OBJECT' : undefined;
  if (type !== undefined && type === impossible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE') };
}
