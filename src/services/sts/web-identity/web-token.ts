import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../../support/clock.ts';
import type { KnownOidcProvider } from '../../iam/identities.ts';
import { expiredToken, invalidIdentityToken } from '../errors.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** What a verified token says. */
export interface WebIdentity {
  readonly subject: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The signatures that AWS accepts. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** The issuer that a token claims, without `https://`. Throws InvalidIdentityToken. */
export function issuerOfToken(token: string): string {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch {
    throw invalidIdentityToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
  const { iss } = claims;
  if (typeof iss !== 'string') throw invalidIdentityToken('Missing a required claim: iss');
  return iss.replace(/^https:\/\//, '').replace(/\/+$/, '');
}

/** Throws InvalidIdentityToken, ExpiredTokenException or IDPCommunicationError. */
export async function verifyWebToken(
  token: string,
  provider: KnownOidcProvider,
  keys: IssuerKeys,
  clock: Clock,
): Promise<WebIdentity> {
  const claims = await verified(token, provider, keys, clock);
  const { sub, aud, azp } = claims;
  if (typeof sub !== 'string' || sub === '') throw invalidIdentityToken('Missing a required claim: sub');
  const audiences = [aud ?? []].flat();
  // With several audiences `azp` says which one the token is for.
  const audience = typeof azp === 'string' && audiences.length > 1 ? azp : audiences[0];
  if (audience === undefined) throw invalidIdentityToken('Missing a required claim: aud');
  if (!provider.clientIds.includes(audience)) throw invalidIdentityToken('Incorrect token audience');
  return { subject: sub, audience, claims };
}

async function verified(
  token: string,
  provider: KnownOidcProvider,
  keys: IssuerKeys,
  clock: Clock,
): Promise<JWTPayload> {
  for (const again of [false, true]) {
    const set = createLocalJWKSet(await keys.of(provider, { again }));
    try {
      const options = {
        algorithms: ALGORITHMS,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iat'],
      };
      return (await jwtVerify(token, set, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey && !again) continue;
      throw tokenError(error, clock);
    }
  }
  throw invalidIdentityToken('Token signature invalid');
}

function tokenError(error: unknown, clock: Clock): Error {
  if (error instanceof errors.JWTExpired) {
    const [now, end] = [Math.floor(clock.now() / 1000), error.payload.exp ?? 0];
    return expiredToken(
      `Token expired: current date/time ${now} must be before the expiration date/time ${end}`,
    );
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalidIdentityToken(
      error.reason === 'missing' ? `Missing a required claim: ${error.claim}` : error.message,
    );
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return invalidIdentityToken('No verification key found for the key ID of the token');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalidIdentityToken(`The token must be signed with one of ${ALGORITHMS.join(', ')}`);
  }
  return invalidIdentityToken('Token signature invalid');
}
