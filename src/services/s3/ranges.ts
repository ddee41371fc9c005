import { invalidArgument, invalidPartNumber, invalidRange } from './errors.ts';
import type { ObjectMeta } from './embedded/object-meta.ts';

/** `length` bytes of an object, starting at `first`. */
export interface ByteRange {
  readonly first: number;
  readonly length: number;
}

/**
 * Parses a Range header. Undefined when the whole object is to be returned: no header, an invalid one, or several
 * ranges, which S3 does not support. Throws InvalidRange.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '');
  if (header === undefined || match === null) return undefined;
  const [from, to] = [match[1] ?? '', match[2] ?? ''];
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const length = Math.min(Number(to), sizeBytes);
    if (length === 0) throw invalidRange(header, sizeBytes);
    return { first: sizeBytes - length, length };
  }
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== '' && Number(to) < first) return undefined;
  if (first >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { first, length: last - first + 1 };
}

/** UploadPartCopy's range must be `bytes=first-last`, within the source. */
export function parseCopyRange(header: string | undefined, sizeBytes: number): ByteRange {
  if (header === undefined) return { first: 0, length: sizeBytes };
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (match === null || last < first) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (last >= sizeBytes) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${sizeBytes}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { first, length: last - first + 1 };
}

/** The part of that number; an object put in one piece has one part. */
export function partRange(meta: ObjectMeta, partNumber: number): ByteRange {
  const sizes = meta.partSizes ?? [meta.sizeBytes];
  const length = sizes[partNumber - 1];
  if (length === undefined) throw invalidPartNumber();
  return { first: sizes.slice(0, partNumber - 1).reduce((sum, size) => sum + size, 0), length };
}

export function contentRange(range: ByteRange, sizeBytes: number): string {
  return `bytes ${range.first}-${range.first + range.length - 1}/${sizeBytes}`;
}
