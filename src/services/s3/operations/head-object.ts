import type { HeadObjectOutput, HeadObjectRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import { checkRead } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { description, givenChecksum } from '../object-headers.ts';
import { noSuchKey } from '../errors.ts';
import { overrides } from '../response-overrides.ts';
import { contentRange, parseRange, partRange } from '../ranges.ts';

/** Returns the headers of GetObject, without the bytes. InternalError when the object's file is missing or short. */
export async function headObject(
  context: S3Context,
  input: Checked<HeadObjectRequest>,
): Promise<Omit<HeadObjectOutput, 'Expires'> & { readonly Expires?: string }> {
  const opened = await context.objects.open(input.Bucket, input.Key);
  if (opened === undefined) throw noSuchKey(input.Key);
  await opened.check();
  const { meta } = opened;
  checkRead(input, meta, context.clock.now());
  const range =
    input.PartNumber === undefined
      ? parseRange(input.Range, meta.sizeBytes)
      : partRange(meta, input.PartNumber);
  return {
    ...description(meta),
    ...overrides(input),
    ...(range === undefined || range.length === 0
      ? {}
      : { ContentRange: contentRange(range, meta.sizeBytes) }),
    ...(input.PartNumber === undefined || meta.partSizes === undefined
      ? {}
      : { PartsCount: meta.partSizes.length }),
    ...givenChecksum(meta, input, range),
    ContentLength: range?.length ?? meta.sizeBytes,
  };
}
