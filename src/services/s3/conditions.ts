import type { WriteCheck } from './embedded/object-files.ts';
import type { ObjectMeta } from './embedded/object-meta.ts';
import type { CompletionCondition } from './embedded/uploads.ts';
import { noSuchKey, notImplementedHeader, notModified, preconditionFailed } from './errors.ts';

interface WriteConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/** The condition of If-Match and If-None-Match of a write. Throws NotImplemented for values that S3 does not accept. */
export function writeCondition(input: WriteConditions): CompletionCondition {
  const { IfMatch: ifMatch, IfNoneMatch: ifNoneMatch } = input;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw notImplementedHeader(
      'If-Match,If-None-Match',
      'Multiple conditional request headers present in the request',
    );
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw valueNotTaken('If-None-Match');
    return { ifNoneMatch: '*' };
  }
  if (ifMatch === undefined) return 'unconditional';
  if (ifMatch.trim() === '*') throw valueNotTaken('If-Match');
  return { ifMatch: bare(ifMatch) };
}

function valueNotTaken(header: string): Error {
  return notImplementedHeader(header, `We don't accept the provided value of ${header} header for this API`);
}

export function writeCheck(key: string, condition: CompletionCondition): WriteCheck {
  return (current) => {
    if (condition === 'unconditional') return;
    if ('ifNoneMatch' in condition) {
      if (current !== undefined) throw preconditionFailed('If-None-Match');
      return;
    }
    if (current === undefined) throw noSuchKey(key);
    if (current.etag !== condition.ifMatch) throw preconditionFailed('If-Match');
  };
}

/** DeleteObject also accepts `*`. Without a condition a missing object is not an error. */
export function deleteCheck(key: string, ifMatch: string | undefined): WriteCheck {
  return (current) => {
    if (ifMatch === undefined) return;
    if (current === undefined) throw noSuchKey(key);
    if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  };
}

interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

/**
 * Evaluates conditions in the order of RFC 9110; a date in the future is ignored. Throws PreconditionFailed,
 * NotModified.
 */
export function checkRead(input: ReadConditions, meta: ObjectMeta, nowMs: number): void {
  const modified = Math.floor(meta.modifiedMs / 1000);
  if (input.IfMatch !== undefined) {
    if (!matches(input.IfMatch, meta.etag)) throw preconditionFailed('If-Match');
  } else if (input.IfUnmodifiedSince !== undefined && modified > seconds(input.IfUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (input.IfNoneMatch !== undefined) {
    if (matches(input.IfNoneMatch, meta.etag)) throw unchanged(meta);
  } else if (!isModifiedSince(input.IfModifiedSince, modified, nowMs)) {
    throw unchanged(meta);
  }
}

/** The headers that a 304 must have for caches (RFC 9110, 15.4.5). */
function unchanged({ etag, modifiedMs, headers }: ObjectMeta): Error {
  const { 'cache-control': cacheControl, expires } = headers;
  return notModified({
    ETag: `"${etag}"`,
    'Last-Modified': new Date(modifiedMs).toUTCString(),
    ...(cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }),
    ...(expires === undefined ? {} : { Expires: expires }),
  });
}

function isModifiedSince(since: Date | undefined, modifiedSeconds: number, nowMs: number): boolean {
  return since === undefined || since.getTime() > nowMs || modifiedSeconds > seconds(since);
}

interface CopyConditions {
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: Date;
  readonly CopySourceIfUnmodifiedSince?: Date;
}

/** The same conditions as on reads, but each failure is a PreconditionFailed. */
export function checkCopySource(input: CopyConditions, meta: ObjectMeta, nowMs: number): void {
  const modified = Math.floor(meta.modifiedMs / 1000);
  if (input.CopySourceIfMatch !== undefined) {
    if (!matches(input.CopySourceIfMatch, meta.etag)) throw preconditionFailed('x-amz-copy-source-If-Match');
  } else if (
    input.CopySourceIfUnmodifiedSince !== undefined &&
    modified > seconds(input.CopySourceIfUnmodifiedSince)
  ) {
    throw preconditionFailed('x-amz-copy-source-If-Unmodified-Since');
  }
  if (input.CopySourceIfNoneMatch !== undefined) {
    if (matches(input.CopySourceIfNoneMatch, meta.etag))
      throw preconditionFailed('x-amz-copy-source-If-None-Match');
  } else if (!isModifiedSince(input.CopySourceIfModifiedSince, modified, nowMs)) {
    throw preconditionFailed('x-amz-copy-source-If-Modified-Since');
  }
}

/** Matches a header that contains one ETag, several, or `*`. */
function matches(header: string, etag: string): boolean {
  return header.split(',').some((one) => one.trim() === '*' || bare(one) === etag);
}

export function bare(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
