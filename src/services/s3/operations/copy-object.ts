import type { CopyObjectOutput, CopyObjectRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { writeCheck, writeCondition } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { isEncryptedIn } from '../default-encryption.ts';
import { openCopySource } from '../copy-source.ts';
import { repeatable } from '../invocation.ts';
import { checkKey, checksumMembers, encryptionMember, keptHeaders, userMetadata } from '../object-headers.ts';
import { checksumAlgorithms } from '../embedded/checksums.ts';
import type { StoredChecksum } from '../embedded/object-meta.ts';
import { invalidRequest, notImplemented } from '../errors.ts';
import { headerTags, type Tags } from '../tags.ts';

/** Creates an object from the bytes of another one as of the start of the copy, with its metadata or new metadata. */
export async function copyObject(
  context: S3Context,
  input: Checked<CopyObjectRequest>,
  call: CallContext,
): Promise<CopyObjectOutput> {
  const { objects } = context;
  const { Bucket: bucket, Key: key } = input;
  objects.requireBucket(bucket);
  checkKey(key);
  const condition = writeCondition(input);
  const wanted = checksumAlgorithms.find((algorithm) => algorithm === input.ChecksumAlgorithm);
  if (input.ChecksumAlgorithm !== undefined && wanted === undefined) {
    throw notImplemented(`ChecksumAlgorithm ${input.ChecksumAlgorithm}`);
  }
  const replaces = input.MetadataDirective === 'REPLACE';
  const tags = input.TaggingDirective === 'REPLACE' ? (headerTags(input.Tagging) ?? {}) : undefined;
  const given = { headers: keptHeaders(call), metadata: userMetadata(input.Metadata) };
  const { source, object } = await openCopySource(context, input);
  const { meta } = object;
  if (!replaces && !changesSomething(input) && source.bucket === bucket && source.key === key) {
    await object.close();
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const algorithm = wanted ?? meta.checksum?.algorithm;
  // The copy of an encrypted object is encrypted as well.
  const isEncrypted =
    isEncryptedIn(context, bucket, input.ServerSideEncryption) || meta.encryption !== undefined;
  const content = await objects.receive(
    object.read(0, meta.sizeBytes),
    algorithm === undefined ? [] : [algorithm],
    s3Limits.objectPutBytesMax,
    isEncrypted,
  );
  const value = algorithm === undefined ? undefined : content.checksums.get(algorithm);
  const checksum: StoredChecksum | undefined =
    algorithm === undefined || value === undefined ? undefined : { algorithm, value, type: 'FULL_OBJECT' };
  const written = await objects.put(
    bucket,
    key,
    content,
    {
      ...(replaces ? given : { headers: meta.headers, metadata: meta.metadata }),
      ...(checksum === undefined ? {} : { checksum }),
      ...copiedTags(tags ?? meta.tags),
      ...repeatable(condition, call),
    },
    writeCheck(key, condition),
  );
  return {
    ...encryptionMember(isEncrypted),
    CopyObjectResult: {
      ETag: `"${written.etag}"`,
      LastModified: new Date(written.modifiedMs),
      ...checksumMembers(checksum),
    },
  };
}

/** An object may be copied onto itself when one of these is given, even with its current value. */
function changesSomething(input: Checked<CopyObjectRequest>): boolean {
  return [input.ChecksumAlgorithm, input.StorageClass, input.ServerSideEncryption].some(
    (given) => given !== undefined,
  );
}

function copiedTags(tags: Tags | undefined): { tags?: Tags } {
  return tags === undefined ? {} : { tags };
}
