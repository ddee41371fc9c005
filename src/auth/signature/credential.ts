import type { HttpRequest } from '../../http/message.ts';
import { SignatureError } from '../denial.ts';
import { authLimits } from '../limits.ts';
import type { KeyScope } from './derived-keys.ts';

/** A signature of version 4, as a request claims it. */
export interface ClaimedSignature extends KeyScope {
  readonly accessKeyId: string;
  /** `yyyymmddThhmmssZ`. */
  readonly time: string;
  readonly signedMs: number;
  /** In lower case, as they are in the request: sorted. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  readonly token: string | undefined;
  /** Of a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SIGV4A = 'AWS4-ECDSA-P256-SHA256';
const QUERY_NAMES = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'] as const;
const IN_QUERY = /(?:^|&)(?:X-Amz-Signature|X-Amz-Credential|X-Amz-Algorithm|Signature)=/;

/** Returns undefined for a request that is not signed. Throws SignatureError. */
export function claimedSignature(request: HttpRequest): ClaimedSignature | undefined {
  const { authorization } = request.headers;
  const isPresigned = request.query !== '' && IN_QUERY.test(request.query);
  if (authorization?.startsWith('AWS') === true) {
    if (!isPresigned) return fromHeader(authorization, request);
    const message =
      'Only one auth mechanism allowed; the request has a signature in its query and in its headers';
    throw new SignatureError('several-mechanisms', message);
  }
  return isPresigned ? fromQuery(request.query) : undefined;
}

function fromHeader(authorization: string, { headers }: HttpRequest): ClaimedSignature {
  const blank = authorization.indexOf(' ');
  checkAlgorithm(blank === -1 ? authorization : authorization.slice(0, blank));
  const parts = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length).split(',')) {
    const text = part.trim();
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    if (equals === -1 || parts.has(name)) throw malformed('it is not a list of name=value pairs');
    parts.set(name, text.slice(equals + 1));
  }
  const needed = (['Credential', 'Signature', 'SignedHeaders'] as const).filter((name) => !parts.get(name));
  const date = headers['x-amz-date'] ?? headers.date;
  const missing = needed.map((name) => `Authorization header requires '${name}' parameter.`);
  if (date === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) throw new SignatureError('incomplete', missing.join(' '));
  const token = headers['x-amz-security-token'];
  return {
    ...scopeOf(parts.get('Credential') ?? '', malformed),
    ...timeOf(String(date), malformed),
    signedHeaders: namesOf(parts.get('SignedHeaders') ?? '', malformed),
    signature: signatureOf(parts.get('Signature') ?? ''),
    token: token === undefined ? undefined : String(token),
    expiresSeconds: undefined,
  };
}

function fromQuery(query: string): ClaimedSignature {
  const parameters = new URLSearchParams(query);
  if (
    !parameters.has('X-Amz-Algorithm') &&
    !parameters.has('X-Amz-Credential') &&
    parameters.has('Signature')
  ) {
    checkAlgorithm('AWS');
  }
  const value = (name: string): string => parameters.get(`X-Amz-${name}`) ?? '';
  const missing = QUERY_NAMES.filter((name) => value(name) === '').map((name) => `X-Amz-${name}`);
  if (missing.length > 0) throw invalidQuery(`the query lacks ${missing.join(', ')}`);
  for (const name of [...QUERY_NAMES, 'Security-Token']) {
    if (parameters.getAll(`X-Amz-${name}`).length > 1) throw invalidQuery(`X-Amz-${name} is given twice`);
  }
  checkAlgorithm(value('Algorithm'));
  const expires = value('Expires');
  const expiresSeconds = Number(expires);
  if (!/^\d{1,15}$/.test(expires) || expiresSeconds < 1 || expiresSeconds > authLimits.expiresSecondsMax) {
    throw invalidQuery(`X-Amz-Expires must be a number of seconds from 1 to ${authLimits.expiresSecondsMax}`);
  }
  return {
    ...scopeOf(value('Credential'), invalidQuery),
    ...timeOf(value('Date'), invalidQuery),
    signedHeaders: namesOf(value('SignedHeaders'), invalidQuery),
    signature: signatureOf(value('Signature')),
    token: parameters.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds,
  };
}

function checkAlgorithm(algorithm: string): void {
  if (algorithm === ALGORITHM) return;
  if (algorithm === SIGV4A) {
    const message = `nagare does not support ${SIGV4A} (Signature Version 4A); sign with ${ALGORITHM}`;
    throw new SignatureError('unsupported-algorithm', message);
  }
  if (algorithm === 'AWS' || algorithm === 'AWS3' || algorithm === 'AWS3-HTTPS') {
    const message = `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`;
    throw new SignatureError('unsupported-version', message);
  }
  throw malformed(`the algorithm is not ${ALGORITHM}`);
}

type Refusal = (reason: string) => SignatureError;

function malformed(reason: string): SignatureError {
  return new SignatureError('incomplete', `The authorization header is malformed; ${reason}.`);
}

function invalidQuery(reason: string): SignatureError {
  return new SignatureError('incomplete-query', `The signature in the query is malformed: ${reason}.`);
}

function scopeOf(credential: string, refusal: Refusal): KeyScope & { readonly accessKeyId: string } {
  const parts = /^([^/\s]{1,128})\/(\d{8})\/([\w-]{1,64})\/([\w-]{1,64})\/aws4_request$/.exec(credential);
  const [, accessKeyId, date, region, service] = parts ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) {
    throw refusal('the Credential must be <access key id>/<yyyymmdd>/<region>/<service>/aws4_request');
  }
  return { accessKeyId, date, region, service };
}

function timeOf(text: string, refusal: Refusal): { readonly time: string; readonly signedMs: number } {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year, month, day, hour, minute, second] = parts ?? [];
  // A Date header may have HTTP's own format, which ends with the zone.
  const iso = parts === null ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const signedMs = iso === undefined && !text.endsWith(' GMT') ? Number.NaN : Date.parse(iso ?? text);
  if (Number.isNaN(signedMs)) throw refusal('the date must be in the format yyyyMMddTHHmmssZ');
  const time = parts === null ? new Date(signedMs).toISOString().replaceAll(/[-:]|\.\d+/g, '') : text;
  return { time, signedMs };
}

function namesOf(text: string, refusal: Refusal): string[] {
  const names = text.split(';');
  if (names.length > authLimits.signedHeadersMax) throw refusal('it signs too many headers');
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    if (name === '' || name !== name.toLowerCase() || (before !== undefined && before >= name)) {
      throw refusal('SignedHeaders must be names in lower case, sorted, each once, separated by semicolons');
    }
  }
  return names;
}

/** A text that is no signature is a wrong one. */
function signatureOf(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text : '';
}
