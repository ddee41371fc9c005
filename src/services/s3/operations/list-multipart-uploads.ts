import type { ListMultipartUploadsOutput, ListMultipartUploadsRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { encoder, ownerOf, pageSize } from '../list-responses.ts';

/** Lists multipart uploads in progress, ordered by key, then by start. */
export function listMultipartUploads(
  context: S3Context,
  input: Checked<ListMultipartUploadsRequest>,
): ListMultipartUploadsOutput {
  const {
    Prefix: prefix = '',
    Delimiter: delimiter = '',
    KeyMarker: marker = '',
    UploadIdMarker: idMarker = '',
  } = input;
  const size = pageSize(input.MaxUploads, 'max-uploads', s3Limits.objectListedMax);
  const encode = encoder(input.EncodingType);
  const query = { prefix, delimiter, keyMarker: marker, idMarker, size };
  const { uploads, prefixes, last, truncated } = context.uploads.page(input.Bucket, query);
  return {
    Bucket: input.Bucket,
    KeyMarker: encode(marker),
    UploadIdMarker: idMarker,
    ...(last === undefined ? {} : { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.id }),
    ...(input.Prefix === undefined ? {} : { Prefix: encode(prefix) }),
    ...(input.Delimiter === undefined ? {} : { Delimiter: encode(delimiter) }),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    MaxUploads: size,
    IsTruncated: truncated,
    Uploads: uploads.map((upload) => ({
      UploadId: upload.id,
      Key: encode(upload.key),
      Initiated: new Date(upload.initiatedMs),
      StorageClass: 'STANDARD' as const,
      Owner: ownerOf(context),
      Initiator: ownerOf(context),
      ...(upload.checksum === undefined
        ? {}
        : { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: upload.checksum.type }),
    })),
    CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
  };
}
