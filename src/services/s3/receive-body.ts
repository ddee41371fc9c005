import { trailersOf } from '../../protocol/rest/aws-chunked.ts';
import type { CallContext } from '../../protocol/service.ts';
import { checksumAlgorithms, type ChecksumAlgorithm } from './embedded/checksums.ts';
import type { Content } from './embedded/content.ts';
import type { Upload } from './embedded/upload.ts';
import type { ObjectFiles } from './embedded/object-files.ts';
import type { StoredChecksum } from './embedded/object-meta.ts';
import { checksumMismatch } from './completion.ts';
import {
  badContentMd5,
  badDigest,
  entityTooLarge,
  incompleteBody,
  invalidChecksumHeader,
  invalidDigest,
  invalidRequest,
  missingContentLength,
  notImplemented,
} from './errors.ts';

/** A streamed body and its trailers (lower case), which are available once it has ended. */
export type StreamedBody = AsyncIterable<Uint8Array> & {
  readonly trailers?: Readonly<Record<string, string>>;
};

export interface BodyInput extends Partial<Record<`Checksum${ChecksumAlgorithm}`, string>> {
  readonly Body?: StreamedBody;
  readonly ContentMD5?: string;
  readonly ChecksumAlgorithm?: string;
}

export interface ReceivedBody {
  readonly content: Content;
  /** The checksum that the client sent, verified. */
  readonly checksum: StoredChecksum | undefined;
}

/**
 * Receives the body of PutObject or UploadPart and checks it against everything the client stated: its length,
 * Content-MD5, and a checksum in a header or a trailer. A body that does not match leaves nothing behind.
 */
export async function receiveBody(
  objects: ObjectFiles,
  input: BodyInput,
  call: CallContext,
  bytesMax: number,
  wanted?: Upload['checksum'],
  isEncrypted = false,
): Promise<ReceivedBody> {
  if (isUnmeasured(call)) throw missingContentLength();
  const announced = announcedLength(call);
  if (announced !== undefined && announced > bytesMax) throw entityTooLarge(bytesMax);
  const md5 = expectedMd5(input.ContentMD5);
  const algorithm = announcedAlgorithm(input, call);
  // AWS computes a checksum that the client leaves out only when it covers the whole object.
  const isLeftOut = algorithm === undefined && wanted?.type === 'FULL_OBJECT';
  if (wanted !== undefined && algorithm !== wanted.algorithm && !isLeftOut) {
    throw checksumMismatch(wanted.algorithm, algorithm);
  }
  const kept = algorithm ?? wanted?.algorithm;
  const body = input.Body ?? nothing();
  const content = await objects.receive(body, kept === undefined ? [] : [kept], bytesMax, isEncrypted);
  try {
    if (announced !== undefined && announced !== content.sizeBytes) throw incompleteBody();
    if (md5 !== undefined && md5 !== content.md5) {
      throw badContentMd5(input.ContentMD5 ?? '', Buffer.from(content.md5, 'hex').toString('base64'));
    }
    const value = kept === undefined ? undefined : content.checksums.get(kept);
    if (algorithm !== undefined) verify(algorithm, input, body, content);
    const checksum: StoredChecksum | undefined =
      kept === undefined || value === undefined ? undefined : { algorithm: kept, value, type: 'FULL_OBJECT' };
    return { content, checksum };
  } catch (error) {
    await objects.discard(content);
    throw error;
  }
}

function verify(algorithm: ChecksumAlgorithm, input: BodyInput, body: StreamedBody, content: Content): void {
  const header = headerOf(algorithm);
  const expected = input[`Checksum${algorithm}`] ?? trailersOf(body)[header];
  if (expected === undefined) throw invalidRequest(`The trailer ${header} was announced but not sent`);
  const computed = content.checksums.get(algorithm);
  const isDigest = Buffer.from(expected, 'base64').toString('base64') === expected;
  if (!isDigest || expected.length !== computed?.length) throw invalidChecksumHeader(algorithm);
  if (expected !== computed) throw badDigest(algorithm);
}

/** The only algorithm whose value the client sends, in a header or a trailer. */
function announcedAlgorithm(input: BodyInput, call: CallContext): ChecksumAlgorithm | undefined {
  const trailer = String(call.http.headers['x-amz-trailer'] ?? '').toLowerCase();
  const announced = checksumAlgorithms.filter(
    (algorithm) => input[`Checksum${algorithm}`] !== undefined || trailer === headerOf(algorithm),
  );
  if (announced.length > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm] = announced;
  if (algorithm !== undefined) return algorithm;
  if (trailer.startsWith('x-amz-checksum-')) throw notImplemented(`the trailer ${trailer}`);
  if (input.ChecksumAlgorithm !== undefined) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return undefined;
}

function expectedMd5(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== base64) throw invalidDigest(base64);
  return bytes.toString('hex');
}

function announcedLength(call: CallContext): number | undefined {
  const { headers } = call.http;
  const chunked = (headers['content-encoding'] ?? '').includes('aws-chunked');
  const text = headers['x-amz-decoded-content-length'] ?? (chunked ? undefined : headers['content-length']);
  const length = Number(text);
  return text === undefined || !Number.isSafeInteger(length) ? undefined : length;
}

/** HTTP/1.1 requires one of the two to delimit a body; HTTP/2 does not. */
function isUnmeasured({ http: { httpVersion, headers } }: CallContext): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return httpVersion === '1.1' && length === undefined && encoding === undefined;
}

export function headerOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

// oxlint-disable-next-line require-yield -- a body that is not there
async function* nothing(): AsyncGenerator<Uint8Array> {}
