import type { CompleteMultipartUploadOutput, CompleteMultipartUploadRequest } from '@aws-sdk/client-s3';
import { limits } from '../../../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { bare, writeCondition } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { checksumMembers } from '../object-headers.ts';
import { checksumAlgorithms } from '../embedded/checksums.ts';
import type { Part, Upload } from '../embedded/uploads.ts';
import { entityTooSmall, invalidPart, invalidPartOrder, invalidRequest, malformedXml } from '../errors.ts';

type Input = Checked<CompleteMultipartUploadRequest>;
type ChosenPart = NonNullable<NonNullable<Input['MultipartUpload']>['Parts']>[number];

/**
 * Puts the parts together as the object, whole or not at all. The answer comes when it is done, with its own status:
 * never 200 with an error behind it.
 */
export async function completeMultipartUpload(
  context: S3Context,
  input: Input,
  call: CallContext,
): Promise<CompleteMultipartUploadOutput> {
  const condition = writeCondition(input);
  const upload = context.uploads.get(input.Bucket, input.Key, input.UploadId);
  const chosen = input.MultipartUpload?.Parts ?? [];
  if (chosen.length === 0 || chosen.length > limits.objectPartsMax) throw malformedXml();
  if (input.ChecksumType !== undefined && input.ChecksumType !== upload.checksum?.type) {
    throw invalidRequest(
      `The upload was created using the ${upload.checksum?.type ?? 'null'} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const written = await context.uploads.complete(
    upload,
    (parts) => choose(upload, parts, chosen, input),
    condition,
  );
  return {
    Location: `${call.http.secure ? 'https' : 'http'}://${call.http.authority}/${input.Bucket}/${encodeURIComponent(input.Key)}`,
    Bucket: input.Bucket,
    Key: input.Key,
    ETag: `"${written.etag}"`,
    ...checksumMembers(written.checksum),
  };
}

/** The parts that the client names, in its order, found as it describes them. */
function choose(
  upload: Upload,
  parts: readonly Part[],
  chosen: readonly ChosenPart[],
  input: Input,
): readonly Part[] {
  const byNumber = new Map(parts.map((part) => [part.number, part]));
  const found: Part[] = [];
  let before = 0;
  for (const { PartNumber: number = 0, ETag: etag, ...checksums } of chosen) {
    if (number <= before) throw invalidPartOrder(upload.id);
    before = number;
    const part = byNumber.get(number);
    if (part === undefined || etag === undefined || bare(etag) !== part.etag)
      throw invalidPart(upload.id, number);
    for (const algorithm of checksumAlgorithms) {
      const given = checksums[`Checksum${algorithm}`];
      if (given !== undefined && given !== part.checksums[algorithm]) throw invalidPart(upload.id, number);
    }
    found.push(part);
  }
  for (const part of found.slice(0, -1)) {
    if (part.sizeBytes < limits.objectPartBytesMin) {
      throw entityTooSmall(part.number, part.sizeBytes, limits.objectPartBytesMin);
    }
  }
  const size = found.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  return found;
}
