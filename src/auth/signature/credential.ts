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
  /** In lower case, sorted. */
  readonly signedHeaders: readonly string[];
  /** As they are in the request, separated by semicolons. */
  readonly signedHeadersText: string;
  /** 64 hexadecimal digits. */
  readonly signature: string;
  readonly token: string | undefined;
  /** Of a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SIGV4A = 'AWS4-ECDSA-P256-SHA256';
const SIGNATURE = /^[0-9a-f]{64}$/;
const SIGNATURE_LENGTH = 64;
const QUERY_NAMES = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'] as const;
const IN_QUERY = /(?:^|&)(?:X-Amz-Signature|X-Amz-Credential|X-Amz-Algorithm|Signature)=/;

type SigningTime = Pick<ClaimedSignature, 'time' | 'signedMs'>;

/** What all signatures of a client for one service have in common for a day. */
type Claim = KeyScope & Pick<ClaimedSignature, 'accessKeyId' | 'signedHeaders' | 'signedHeadersText'>;

/** Authorization headers up to their signatures, which are last, and times: each is parsed once. */
export class KnownClaims {
  readonly #claims = new Map<string, Claim>();
  #lastText: string | undefined;
  #lastTime: SigningTime = { time: '', signedMs: 0 };

  /** Requests that arrive together have been signed in the same second. Throws SignatureError. */
  time(text: string): SigningTime {
    if (text === this.#lastText) return this.#lastTime;
    this.#lastTime = timeOf(text, malformed);
    this.#lastText = text;
    return this.#lastTime;
  }

  get(start: string): Claim | undefined {
    return this.#claims.get(start);
  }

  set(start: string, claim: Claim): void {
    if (start.length > authLimits.claimLengthMax) return;
    if (this.#claims.size >= authLimits.claimsKeptMax) this.#claims.clear();
    this.#claims.set(start, claim);
  }
}

/** Returns undefined for a request that is not signed. Throws SignatureError. */
export function claimedSignature(request: HttpRequest, known: KnownClaims): ClaimedSignature | undefined {
  const { authorization } = request.headers;
  const isPresigned = request.query !== '' && IN_QUERY.test(request.query);
  if (authorization?.startsWith('AWS') === true) {
    if (!isPresigned) return fromHeader(authorization, request, known);
    const message =
      'Only one auth mechanism allowed; the request has a signature in its query and in its headers';
    throw new SignatureError('several-mechanisms', message);
  }
  return isPresigned ? fromQuery(request.query) : undefined;
}

function fromHeader(authorization: string, { headers }: HttpRequest, known: KnownClaims): ClaimedSignature {
  const date = headers['x-amz-date'] ?? headers.date;
  // What is parsed is the same for every text of this form that takes the place of the signature.
  const start = authorization.slice(0, -SIGNATURE_LENGTH);
  const end = authorization.slice(-SIGNATURE_LENGTH);
  let claim = known.get(start);
  // A text that is no signature is a wrong one.
  let signature = end;
  if (claim === undefined || date === undefined) {
    const parts = partsOf(authorization, date !== undefined);
    signature = signatureOf(parts.get('Signature') ?? '');
    claim = {
      ...scopeOf(parts.get('Credential') ?? '', malformed),
      ...namesOf(parts.get('SignedHeaders') ?? '', malformed),
    };
    if (signature === end) known.set(start, claim);
  }
  const token = headers['x-amz-security-token'];
  const { time, signedMs } = known.time(String(date));
  // Named one by one: spreading them takes several times as long, for each request.
  return {
    accessKeyId: claim.accessKeyId,
    date: claim.date,
    region: claim.region,
    service: claim.service,
    signedHeaders: claim.signedHeaders,
    signedHeadersText: claim.signedHeadersText,
    time,
    signedMs,
    signature,
    token: token === undefined ? undefined : String(token),
    expiresSeconds: undefined,
  };
}

function partsOf(authorization: string, hasDate: boolean): ReadonlyMap<string, string> {
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
  const missing = needed.map((name) => `Authorization header requires '${name}' parameter.`);
  if (!hasDate) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) throw new SignatureError('incomplete', missing.join(' '));
  return parts;
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
    ...namesOf(value('SignedHeaders'), invalidQuery),
    signature: signatureOf(value('Signature')),
    token: parameters.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds,
  };
}

/**
 * The signature in the fields of a form posted to S3, keyed by lower-case name (S3 API reference, "Authenticating
 * requests in browser-based uploads using POST"). Throws SignatureError.
 */
export function signatureOfForm(fields: ReadonlyMap<string, string>): ClaimedSignature {
  if (fields.has('awsaccesskeyid') && !fields.has('x-amz-signature')) checkAlgorithm('AWS');
  const value = (name: string): string => {
    const given = fields.get(name.toLowerCase());
    if (given !== undefined) return given;
    const message = `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`;
    throw invalidField(name, '', message);
  };
  const signature = value('X-Amz-Signature');
  checkAlgorithm(value('X-Amz-Algorithm'));
  const credential = value('X-Amz-Credential');
  const scope = scopeOf(credential, malformedField('X-Amz-Credential', credential));
  if (scope.service !== 's3') {
    const reason = `incorrect service "${scope.service}". This endpoint belongs to "s3"`;
    throw malformedField('X-Amz-Credential', credential)(reason);
  }
  const date = value('X-Amz-Date');
  return {
    ...scope,
    ...timeOf(date, malformedField('X-Amz-Date', date)),
    signedHeaders: [],
    signedHeadersText: '',
    signature: signatureOf(signature),
    token: fields.get('x-amz-security-token'),
    expiresSeconds: undefined,
  };
}

function malformedField(name: string, value: string): Refusal {
  return (reason) => invalidField(name, value, `The ${name} field is malformed; ${reason}.`);
}

function invalidField(name: string, value: string, message: string): SignatureError {
  return new SignatureError('incomplete-form', message, { ArgumentName: name, ArgumentValue: value });
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

function timeOf(text: string, refusal: Refusal): SigningTime {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year, month, day, hour, minute, second] = parts ?? [];
  // A Date header may have HTTP's own format, which ends with the zone.
  const iso = parts === null ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const signedMs = iso === undefined && !text.endsWith(' GMT') ? Number.NaN : Date.parse(iso ?? text);
  if (Number.isNaN(signedMs)) throw refusal('the date must be in the format yyyyMMddTHHmmssZ');
  const time = parts === null ? new Date(signedMs).toISOString().replaceAll(/[-:]|\.\d+/g, '') : text;
  return { time, signedMs };
}

function namesOf(
  text: string,
  refusal: Refusal,
): Pick<ClaimedSignature, 'signedHeaders' | 'signedHeadersText'> {
  const names = text.split(';');
  if (names.length > authLimits.signedHeadersMax) throw refusal('it signs too many headers');
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    if (name === '' || name !== name.toLowerCase() || (before !== undefined && before >= name)) {
      throw refusal('SignedHeaders must be names in lower case, sorted, each once, separated by semicolons');
    }
  }
  return { signedHeaders: names, signedHeadersText: text };
}

/** A text that is no signature is a wrong one. */
function signatureOf(text: string): string {
  return SIGNATURE.test(text) ? text : '';
}
