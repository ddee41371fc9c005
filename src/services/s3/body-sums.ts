import type { HttpRequest } from '../../http/message.ts';
import { checksumAlgorithms, digestOf } from './embedded/checksums.ts';
import { createHash } from 'node:crypto';
import { badContentMd5, badDigest, invalidChecksumHeader, invalidDigest, notImplemented } from './errors.ts';

/** Headers that the model has as members: ContentMD5, ChecksumAlgorithm. */
const ALGORITHM = 'x-amz-sdk-checksum-algorithm';

/**
 * Verifies the Content-MD5 and checksum headers of a request document (of tags, of objects to delete, of parts). Throws
 * InvalidDigest, BadDigest, InvalidRequest.
 */
export function checkBody({ headers }: HttpRequest, body: Uint8Array): void {
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string') {
    if (Buffer.from(md5, 'base64').length !== 16) throw invalidDigest(md5);
    const actual = createHash('md5').update(body).digest('base64');
    if (actual !== md5) throw badContentMd5(md5, actual);
  }
  const wanted = headers[ALGORITHM];
  if (typeof wanted !== 'string') return;
  const algorithm = checksumAlgorithms.find((known) => known === wanted.toUpperCase());
  if (algorithm === undefined) throw notImplemented(`${ALGORITHM} ${wanted}`);
  const given = headers[`x-amz-checksum-${algorithm.toLowerCase()}`];
  if (typeof given !== 'string') return;
  const digest = digestOf(algorithm);
  digest.update(body);
  const actual = digest.value();
  if (given.length !== actual.length) throw invalidChecksumHeader(algorithm);
  if (given !== actual) throw badDigest(algorithm);
}
