import type { CompleteMultipartUploadRequest } from '@aws-sdk/client-s3';
import { s3Limits } from './limits.ts';
import type { Checked } from '../../protocol/service.ts';
import { bare } from './conditions.ts';
import { checksumAlgorithms, digestOf, type ChecksumAlgorithm } from './embedded/checksums.ts';
import type { StoredChecksum } from './embedded/object-meta.ts';
import type { UploadedPart, Upload } from './embedded/upload.ts';
import {
  badDigest,
  badPartDigest,
  entityTooSmall,
  invalidChecksumHeader,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  notImplemented,
} from './errors.ts';

export type CompletionInput = Checked<CompleteMultipartUploadRequest>;
type ChosenPart = NonNullable<NonNullable<CompletionInput['MultipartUpload']>['Parts']>[number];

/** Finds the parts that the client names, in its order, and checks them against its description. */
export function choose(
  upload: Upload,
  parts: readonly UploadedPart[],
  input: CompletionInput,
): readonly UploadedPart[] {
  const byNumber = new Map(parts.map((part) => [part.number, part]));
  const found: UploadedPart[] = [];
  let before = 0;
  for (const chosen of input.MultipartUpload?.Parts ?? []) {
    const { PartNumber: number = 0, ETag: etag = '' } = chosen;
    if (number <= before) throw invalidPartOrder(upload.id);
    before = number;
    const part = byNumber.get(number);
    if (part === undefined || bare(etag) !== part.etag) throw invalidPart(upload.id, number, bare(etag));
    checkPartChecksums(upload, part, chosen);
    found.push(part);
  }
  for (const part of found.slice(0, -1)) {
    if (part.sizeBytes < s3Limits.objectPartBytesMin) throw entityTooSmall(part, s3Limits.objectPartBytesMin);
  }
  const size = found.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  return found;
}

const unknownChecksums = [
  'ChecksumSHA512',
  'ChecksumMD5',
  'ChecksumXXHASH64',
  'ChecksumXXHASH3',
  'ChecksumXXHASH128',
] as const;

function checkPartChecksums(upload: Upload, part: UploadedPart, chosen: ChosenPart): void {
  for (const name of unknownChecksums) if (chosen[name] !== undefined) throw notImplemented(name);
  const given = checksumAlgorithms.filter((algorithm) => chosen[`Checksum${algorithm}`] !== undefined);
  const algorithm = upload.checksum?.algorithm;
  if (algorithm === undefined) {
    if (given.length > 0) throw invalidPart(upload.id, part.number, part.etag);
    return;
  }
  const value = chosen[`Checksum${algorithm}`];
  if (value !== undefined && value !== part.checksums[algorithm]) {
    throw invalidPart(upload.id, part.number, part.etag);
  }
  const other = given.find((one) => one !== algorithm);
  if (other !== undefined) throw badPartDigest(other.toLowerCase(), part.number);
  if (value !== undefined || upload.checksum?.type === 'FULL_OBJECT') return;
  throw invalidRequest(
    `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
  );
}

/** The checksum of the whole object that the client sends. */
interface Announced {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

/**
 * The checksum that the object must have: the upload's, or the client's for an upload without one. Throws
 * InvalidRequest when they do not match. AWS ignores some checksums sent for an upload without one; nagare verifies
 * each.
 */
export function expectedChecksum(
  upload: Upload,
  input: CompletionInput,
): { readonly checksum: Upload['checksum']; readonly announced: Announced | undefined } {
  const { checksum } = upload;
  if (input.ChecksumType !== undefined && input.ChecksumType !== checksum?.type) {
    throw invalidRequest(
      `The upload was created using the ${checksum?.type ?? 'null'} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const given = checksumAlgorithms.flatMap((algorithm) => {
    const value = input[`Checksum${algorithm}`];
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (given.length > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [announced] = given;
  if (announced === undefined) return { checksum, announced };
  const { algorithm } = announced;
  if (checksum !== undefined && checksum.algorithm !== algorithm) {
    throw checksumMismatch(checksum.algorithm, algorithm);
  }
  const used = checksum ?? { algorithm, type: 'FULL_OBJECT' as const };
  if (!isChecksum(announced, used.type)) throw invalidChecksumHeader(algorithm);
  return { checksum: used, announced };
}

export function checksumMismatch(expected: string | undefined, actual: string | undefined): Error {
  const [wanted, given] = [expected ?? 'null', actual ?? 'null'].map((name) => name.toLowerCase());
  return invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${wanted}, actual checksum Type: ${given}`,
  );
}

/** A base64 digest of the right length; a composite one may end with the number of parts. */
function isChecksum({ algorithm, value }: Announced, type: StoredChecksum['type']): boolean {
  const digest = type === 'COMPOSITE' ? value.replace(/-\d+$/, '') : value;
  const bytes = Buffer.from(digest, 'base64');
  return bytes.toString('base64') === digest && digest.length === digestOf(algorithm).value().length;
}

/** Throws BadDigest. */
export function verifyChecksum(announced: Announced | undefined, computed: StoredChecksum | undefined): void {
  if (announced === undefined || computed === undefined) return;
  const { value } = announced;
  const isRight = value === computed.value || value === computed.value.replace(/-\d+$/, '');
  if (!isRight) throw badDigest(announced.algorithm.toLowerCase());
}
