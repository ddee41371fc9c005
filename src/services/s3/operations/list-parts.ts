import type { ListPartsOutput, ListPartsRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { ownerOf, pageSize } from '../list-responses.ts';

/** Lists the parts uploaded so far, by number. */
export async function listParts(
  context: S3Context,
  input: Checked<ListPartsRequest>,
): Promise<ListPartsOutput> {
  const upload = context.uploads.get(input.Bucket, input.Key, input.UploadId);
  const parts = await context.uploads.parts(input.Bucket, input.Key, input.UploadId);
  const size = pageSize(input.MaxParts, 'max-parts', s3Limits.objectListedMax);
  const marker = Number(input.PartNumberMarker ?? 0);
  const behind = parts.filter((part) => part.number > marker);
  const page = behind.slice(0, size);
  return {
    Bucket: input.Bucket,
    Key: input.Key,
    UploadId: upload.id,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts: size,
    IsTruncated: behind.length > page.length,
    Parts: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedMs),
      ETag: `"${part.etag}"`,
      Size: part.sizeBytes,
      ...Object.fromEntries(
        Object.entries(part.checksums).map(([algorithm, value]) => [`Checksum${algorithm}`, value]),
      ),
    })),
    Initiator: ownerOf(context),
    Owner: ownerOf(context),
    StorageClass: 'STANDARD',
    ...(upload.checksum === undefined
      ? {}
      : { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: upload.checksum.type }),
  };
}
