import type { ListMultipartUploadsOutput, ListMultipartUploadsRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { compareKeys } from '../embedded/key-path.ts';
import type { Upload } from '../embedded/upload.ts';
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
  const all = context.uploads.list(input.Bucket).filter((upload) => upload.key.startsWith(prefix));
  const uploads: Upload[] = [];
  const prefixes: string[] = [];
  let last: { key: string; id: string } | undefined;
  let truncated = false;
  for (const upload of behind(all, marker, idMarker)) {
    const end = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length);
    const rolledUp = end < 0 ? undefined : upload.key.slice(0, end + delimiter.length);
    if (rolledUp !== undefined && (rolledUp === prefixes.at(-1) || rolledUp === marker)) continue;
    if (uploads.length + prefixes.length === size) {
      truncated = true;
      break;
    }
    if (rolledUp === undefined) uploads.push(upload);
    else prefixes.push(rolledUp);
    last = rolledUp === undefined ? { key: upload.key, id: upload.id } : { key: rolledUp, id: '' };
  }
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

/** The uploads after the key marker; with an id marker, those of the marker's key after that upload too. */
function behind(uploads: readonly Upload[], marker: string, idMarker: string): readonly Upload[] {
  if (marker === '') return uploads;
  const at = uploads.findIndex((upload) => upload.key === marker && upload.id === idMarker);
  if (at >= 0) return uploads.slice(at + 1);
  return uploads.filter((upload) => compareKeys(upload.key, marker) > 0);
}
