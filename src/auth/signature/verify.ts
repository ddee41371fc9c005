import { timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../../http/message.ts';
import { SignatureError } from '../denial.ts';
import { type AccessKey, type AccessKeys, type Identity, nobody } from '../identity.ts';
import { authLimits } from '../limits.ts';
import type { Principal } from '../principal.ts';
import { sha256 } from './canonical.ts';
import { canonicalRequest, isHost, scopeText, stringToSign } from './canonical-request.ts';
import { ChunkChain } from './chunk-chain.ts';
import { claimedSignature, type ClaimedSignature, KnownClaims, signatureOfForm } from './credential.ts';
import { DerivedKeys, type SigningKey } from './derived-keys.ts';
import { BufferedRequest, type PayloadMode, payloadModeOf, StreamedRequest } from './payload.ts';

export interface VerifierOptions {
  readonly keys: AccessKeys;
  readonly region: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** The largest body of a service, by its name in scopes. */
  readonly bodyLimitBytes: (service: string) => number;
}

/** A request whose signature holds, or that has none. */
export interface Verified {
  /** Reads the body that was verified, or verifies it while it is read. */
  readonly request: HttpRequest;
  readonly principal: Principal;
}

/** Services whose requests are signed for us-east-1 wherever they are sent. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(['iam', 'sts']);

/**
 * Verifies signatures of version 4 (IAM user guide, "AWS Signature Version 4 for API requests"). Nothing of a request
 * may be carried out before `verify` resolves.
 */
export class SignatureVerifier {
  readonly #options: VerifierOptions;
  readonly #derived = new DerivedKeys();
  readonly #known = new KnownClaims();
  readonly #anonymous: Principal;

  constructor(options: VerifierOptions) {
    this.#options = options;
    const identity = nobody('anonymous', options.accountId);
    this.#anonymous = { isSigned: false, scope: undefined, identity };
  }

  /** Rejects with SignatureError. A request without a signature comes from nobody: its principal is anonymous. */
  async verify(request: HttpRequest): Promise<Verified> {
    const claimed = claimedSignature(request, this.#known);
    if (claimed === undefined) return { request, principal: this.#anonymous };
    const found = this.#options.keys.find(claimed.accessKeyId, claimed.token);
    const key = found instanceof Promise ? await found : found;
    const nowMs = this.#options.now();
    checkKey(key, claimed, nowMs);
    checkScope(claimed, this.#options.region);
    checkTime(claimed, nowMs);
    checkSignedHeaders(request, claimed);
    const principal = principalFor(claimed, key.identity);
    const signingKey = this.#derived.get(key.accessKeyId, key.secretAccessKey, claimed);
    if (claimed.service === 's3') {
      const mode = payloadModeOf(request, claimed.expiresSeconds !== undefined);
      checkSignature(request, claimed, signingKey, mode.text);
      key.used?.(claimed);
      return { request: streamed(request, mode, claimed, signingKey), principal };
    }
    const buffered = new BufferedRequest(request);
    const limitBytes = this.#options.bodyLimitBytes(claimed.service);
    const body = buffered.readAtHand(limitBytes) ?? (await buffered.read(limitBytes));
    checkSignature(request, claimed, signingKey, sha256(body));
    key.used?.(claimed);
    return { request: buffered, principal };
  }

  /**
   * Verifies the signature of a form's policy, by the fields of the form, keyed by lower-case name. The policy says
   * until when it holds. Rejects with SignatureError.
   */
  async verifyForm(fields: ReadonlyMap<string, string>, policy: string): Promise<Principal> {
    const claimed = signatureOfForm(fields);
    const key = await this.#options.keys.find(claimed.accessKeyId, claimed.token);
    checkKey(key, claimed, this.#options.now());
    checkScope(claimed, this.#options.region);
    checkPolicySignature(claimed, this.#derived.get(key.accessKeyId, key.secretAccessKey, claimed), policy);
    key.used?.(claimed);
    return principalFor(claimed, key.identity);
  }
}

/** The policy of a posted form is what is signed. */
function checkPolicySignature(claimed: ClaimedSignature, key: SigningKey, policy: string): void {
  if (key.verifies(policy, claimed.signature)) return;
  throw new SignatureError('wrong-signature', WRONG_S3, {
    AWSAccessKeyId: claimed.accessKeyId,
    StringToSign: policy,
    SignatureProvided: claimed.signature,
  });
}

function principalFor({ accessKeyId, region, service }: ClaimedSignature, identity: Identity): Principal {
  return { isSigned: true, scope: { accessKeyId, region, service }, identity };
}

function streamed(
  request: HttpRequest,
  mode: PayloadMode,
  { time, signature, ...scope }: ClaimedSignature,
  key: SigningKey,
): HttpRequest {
  const chain =
    mode.kind === 'signed-chunks'
      ? new ChunkChain({ key, time, scope: scopeText(scope), seed: signature })
      : undefined;
  return new StreamedRequest(request, mode, chain);
}

const INVALID_TOKEN = 'The security token included in the request is invalid.';
const INVALID_S3_TOKEN = 'The provided token is malformed or otherwise invalid.';
const UNKNOWN_S3_KEY = 'The AWS Access Key Id you provided does not exist in our records.';

function checkKey(
  key: AccessKey | undefined,
  { accessKeyId, service, token }: ClaimedSignature,
  nowMs: number,
): asserts key is AccessKey {
  const isS3 = service === 's3';
  if (key?.status === 'Active' && token !== undefined && !isTokenOf(key, token)) {
    throw new SignatureError('invalid-token', isS3 ? INVALID_S3_TOKEN : INVALID_TOKEN);
  }
  if (key === undefined || key.status !== 'Active' || !isTokenOf(key, token)) {
    throw new SignatureError('unknown-key', isS3 ? UNKNOWN_S3_KEY : INVALID_TOKEN, {
      AWSAccessKeyId: accessKeyId,
    });
  }
  if (key.expiresMs !== undefined && nowMs >= key.expiresMs) {
    const message = isS3
      ? 'The provided token has expired.'
      : 'The security token included in the request is expired';
    throw new SignatureError('expired-token', message);
  }
}

function checkScope({ date, time, region, service }: ClaimedSignature, own: string): void {
  if (!time.startsWith(date)) {
    const message = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${time.slice(0, 8)}', from '${time}'.`;
    throw new SignatureError('wrong-scope', message);
  }
  if (region === own || (region === 'us-east-1' && GLOBAL_SERVICES.has(service))) return;
  if (service !== 's3') {
    throw new SignatureError(
      'wrong-scope',
      `Credential should be scoped to a valid region: '${own}', not '${region}'.`,
    );
  }
  const message = `The authorization header is malformed; the region '${region}' is wrong; expecting '${own}'`;
  throw new SignatureError('wrong-scope', message, { Region: own });
}

function checkTime({ time, signedMs, service, expiresSeconds }: ClaimedSignature, nowMs: number): void {
  const skewMs = service === 's3' ? authLimits.skewS3Ms : authLimits.skewMs;
  const validMs = expiresSeconds === undefined ? skewMs : expiresSeconds * 1000;
  const isEarly = signedMs - nowMs > skewMs;
  if (!isEarly && nowMs - signedMs <= validMs) return;
  if (service === 's3' && expiresSeconds !== undefined) {
    const fields = { 'X-Amz-Expires': String(expiresSeconds), ServerTime: new Date(nowMs).toISOString() };
    throw new SignatureError(
      'expired-url',
      isEarly ? 'Request is not yet valid' : 'Request has expired',
      fields,
    );
  }
  if (service === 's3') {
    throw new SignatureError(
      'skewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: time,
        ServerTime: new Date(nowMs).toISOString(),
        MaxAllowedSkewMilliseconds: String(skewMs),
      },
    );
  }
  const now = basicTime(nowMs);
  const minutes = Math.round(validMs / 60_000);
  const message = isEarly
    ? `Signature not yet current: ${time} is still later than ${basicTime(nowMs + skewMs)} (${now} + ${skewMs / 60_000} min.)`
    : `Signature expired: ${time} is now earlier than ${basicTime(nowMs - validMs)} (${now} - ${minutes} min.)`;
  throw new SignatureError('skewed', message);
}

function basicTime(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** Host and all `x-amz-*` headers must be signed: a proxy or an attacker could change their meaning. */
function checkSignedHeaders({ headers }: HttpRequest, { signedHeaders, service }: ClaimedSignature): void {
  const missing: string[] = signedHeaders.some(isHost) ? [] : ['host'];
  for (const name in headers) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) missing.push(name);
  }
  if (missing.length === 0) return;
  const names = missing.join(', ');
  const message =
    service === 's3'
      ? 'There were headers present in the request which were not signed'
      : `'${names}' must be a 'SignedHeader' in the AWS Authorization.`;
  throw new SignatureError('unsigned-header', message, { HeadersNotSigned: names });
}

function checkSignature(
  request: HttpRequest,
  claimed: ClaimedSignature,
  key: SigningKey,
  payload: string,
): void {
  const canonical = canonicalRequest(request, claimed, payload, false);
  if (key.verifies(stringToSign(claimed, canonical), claimed.signature)) return;
  // Signers join the values of a repeated header by commas alone. The server got one header, and RFC 9110 (5.3) gives
  // both the same meaning.
  const joined = canonicalRequest(request, claimed, payload, true);
  if (joined !== canonical && key.verifies(stringToSign(claimed, joined), claimed.signature)) return;
  if (claimed.service !== 's3') throw new SignatureError('wrong-signature', WRONG);
  throw new SignatureError('wrong-signature', WRONG_S3, {
    AWSAccessKeyId: claimed.accessKeyId,
    StringToSign: stringToSign(claimed, canonical),
    SignatureProvided: claimed.signature,
    CanonicalRequest: canonical,
  });
}

const WRONG =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const WRONG_S3 =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

function isTokenOf({ sessionToken }: AccessKey, token: string | undefined): boolean {
  if (sessionToken === undefined || token === undefined) return sessionToken === token;
  return isSame(sessionToken, token);
}

/** Compares secrets in a time that tells nothing but whether their lengths differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
