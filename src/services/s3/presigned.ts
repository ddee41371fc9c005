import type { HttpRequest } from '../../http/message.ts';
import { authorizationQueryError, requestExpired } from './errors.ts';

const EXPIRES_SECONDS_MAX = 7 * 86_400;

/**
 * Checks that a presigned URL, of version 4 or 2 of AWS's signatures, has not expired. The signature itself is not
 * verified yet. Throws AccessDenied for an expired URL, AuthorizationQueryParametersError for an invalid one.
 */
export function checkPresigned({ query, headers }: HttpRequest, nowMs: number): void {
  if (headers.authorization !== undefined || !query.includes('Signature=')) return;
  const parameters = new URLSearchParams(query);
  if (parameters.has('X-Amz-Signature')) checkVersion4(parameters, nowMs);
  else if (parameters.has('Signature') && parameters.has('Expires')) checkVersion2(parameters, nowMs);
}

function checkVersion4(parameters: URLSearchParams, nowMs: number): void {
  const [date, expires] = [parameters.get('X-Amz-Date'), parameters.get('X-Amz-Expires')];
  if (date === null || expires === null) {
    throw authorizationQueryError(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  const signedMs = parts === null ? Number.NaN : Date.parse(isoOf(parts));
  if (Number.isNaN(signedMs)) {
    throw authorizationQueryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  if (!/^-?\d{1,15}$/.test(expires)) throw authorizationQueryError('X-Amz-Expires should be a number');
  const seconds = Number(expires);
  if (seconds < 0) throw authorizationQueryError('X-Amz-Expires must be non-negative');
  if (seconds > EXPIRES_SECONDS_MAX) {
    throw authorizationQueryError(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${EXPIRES_SECONDS_MAX} seconds`,
    );
  }
  const untilMs = signedMs + seconds * 1000;
  if (nowMs > untilMs) throw requestExpired(untilMs, nowMs, { 'X-Amz-Expires': expires });
}

function isoOf([, year, month, day, hour, minute, second]: RegExpExecArray): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

function checkVersion2(parameters: URLSearchParams, nowMs: number): void {
  const untilMs = Number(parameters.get('Expires')) * 1000;
  if (Number.isNaN(untilMs) || nowMs > untilMs) throw requestExpired(untilMs, nowMs);
}
