import type { CompleteMultipartUploadOutput } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { CallContext } from '../../../protocol/service.ts';
import { choose, expectedChecksum, verifyChecksum, type CompletionInput } from '../completion.ts';
import { bare, writeCondition } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import type { ObjectMeta } from '../embedded/object-meta.ts';
import type { StoredOutcome } from '../embedded/outcomes.ts';
import { multipartEtag } from '../embedded/uploads.ts';
import { invalidRequest, malformedXml } from '../errors.ts';
import { checksumMembers, encryptionMember } from '../object-headers.ts';

/**
 * Assembles the parts to the object, atomically. The response is sent when it is done, with the final status: never a
 * 200 followed by an error. Completing it again with the same parts returns the same response, for a day.
 */
export async function completeMultipartUpload(
  context: S3Context,
  input: CompletionInput,
  call: CallContext,
): Promise<CompleteMultipartUploadOutput> {
  const condition = writeCondition(input);
  const parts = input.MultipartUpload?.Parts ?? [];
  if (parts.length === 0) throw invalidRequest('You must specify at least one part');
  if (parts.length > s3Limits.objectPartsMax) throw malformedXml();
  const before = completedBefore(context, input);
  if (before !== undefined) return answer(input, call, before);
  const upload = context.uploads.get(input.Bucket, input.Key, input.UploadId);
  const { checksum, announced } = expectedChecksum(upload, input);
  const written = await context.uploads.complete(
    checksum === undefined ? upload : { ...upload, checksum },
    (uploaded) => choose(upload, uploaded, input),
    condition,
    (computed) => verifyChecksum(announced, computed),
  );
  return answer(input, call, written);
}

/** The outcome of an earlier attempt of the same call: its condition fails now because the attempt succeeded. */
function completedBefore(context: S3Context, input: CompletionInput): StoredOutcome | undefined {
  const found = context.uploads.completed(input.Bucket, input.Key, input.UploadId);
  const etags = input.MultipartUpload?.Parts?.map(({ ETag: etag = '' }) => bare(etag)) ?? [];
  return found?.etag === multipartEtag(etags) ? found : undefined;
}

function answer(
  input: CompletionInput,
  call: CallContext,
  { etag, checksum, encryption }: Pick<ObjectMeta, 'etag' | 'checksum' | 'encryption'> | StoredOutcome,
): CompleteMultipartUploadOutput {
  return {
    Location: `${call.http.secure ? 'https' : 'http'}://${call.http.authority}/${input.Bucket}/${encodeURIComponent(input.Key)}`,
    Bucket: input.Bucket,
    Key: input.Key,
    ETag: `"${etag}"`,
    ...encryptionMember(encryption !== undefined),
    ...checksumMembers(checksum),
  };
}
