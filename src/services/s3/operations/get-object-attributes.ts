import type { GetObjectAttributesOutput, GetObjectAttributesRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import type { ObjectMeta } from '../embedded/object-meta.ts';
import { noSuchKey } from '../errors.ts';
import { pageSize } from '../list-responses.ts';
import { checksumMembers } from '../object-headers.ts';

type Input = Checked<GetObjectAttributesRequest>;
type ObjectParts = NonNullable<GetObjectAttributesOutput['ObjectParts']>;

/** Returns the requested attributes of an object. Parts are listed if each was uploaded with a checksum, as on S3. */
export async function getObjectAttributes(
  context: S3Context,
  input: Input,
): Promise<GetObjectAttributesOutput> {
  const meta = await context.objects.head(input.Bucket, input.Key);
  if (meta === undefined) throw noSuchKey(input.Key);
  const asked = new Set<string>(input.ObjectAttributes);
  const parts = asked.has('ObjectParts') ? objectParts(meta, input) : undefined;
  return {
    LastModified: new Date(meta.modifiedMs),
    ...(asked.has('ETag') ? { ETag: meta.etag } : {}),
    ...(asked.has('Checksum') && meta.checksum !== undefined
      ? { Checksum: checksumMembers(meta.checksum) }
      : {}),
    ...(parts === undefined ? {} : { ObjectParts: parts }),
    ...(asked.has('StorageClass') ? { StorageClass: 'STANDARD' } : {}),
    ...(asked.has('ObjectSize') ? { ObjectSize: meta.sizeBytes } : {}),
  };
}

function objectParts(
  { partSizes, partChecksums, checksum }: ObjectMeta,
  input: Input,
): ObjectParts | undefined {
  if (partSizes === undefined) return undefined;
  if (partChecksums === undefined || checksum === undefined) return { TotalPartsCount: partSizes.length };
  const size = pageSize(input.MaxParts, 'max-parts', s3Limits.objectListedMax);
  const marker = Number(input.PartNumberMarker ?? 0);
  const page = partSizes.slice(marker, marker + size);
  return {
    TotalPartsCount: partSizes.length,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(marker + page.length),
    MaxParts: size,
    IsTruncated: marker + page.length < partSizes.length,
    Parts: page.map((sizeBytes, n) => ({
      PartNumber: marker + n + 1,
      Size: sizeBytes,
      [`Checksum${checksum.algorithm}`]: partChecksums[marker + n],
    })),
  };
}
