import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from '@aws-sdk/client-sts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { StsContext } from '../context.ts';
import { credentialsOutput } from '../credentials.ts';
import {
  accessDenied,
  invalidIdentityToken,
  refuseTokenSize,
  unsupportedOption,
  validationError,
} from '../errors.ts';
import { roleSession } from '../role-session.ts';
import { sessionPolicies, sessionTags } from '../session-input.ts';
import { isTrusted, sessionKeysOf } from '../web-identity/trust.ts';
import { tagsInToken, sourceIdentityInToken } from '../web-identity/claims.ts';
import { issuerOfToken, verifyWebToken } from '../web-identity/web-token.ts';

const DEFAULT_SECONDS = 3_600;
const NOT_AUTHORIZED = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';

/**
 * Makes temporary credentials of a role for the owner of a token of an OpenID Connect issuer that IAM knows, such as a
 * service account of Kubernetes. The request is not signed, so the token and the role's trust policy are checked in
 * every mode. ProviderId, for OAuth 2.0 access tokens, is refused by name, and so are sizes of session
 * tokens.
 */
export async function assumeRoleWithWebIdentity(
  context: StsContext,
  input: Checked<AssumeRoleWithWebIdentityRequest>,
  call: CallContext,
): Promise<AssumeRoleWithWebIdentityResponse> {
  const { RoleArn, RoleSessionName, WebIdentityToken, DurationSeconds = DEFAULT_SECONDS } = input;
  if (input.ProviderId !== undefined) throw unsupportedOption('ProviderId');
  refuseTokenSize(input.MinimumSessionTokenSize);
  const { identities, issuerKeys, clock, tokens } = context;
  const issuer = issuerOfToken(WebIdentityToken);
  const provider = await identities.oidcProvider(issuer);
  if (provider === undefined) {
    throw invalidIdentityToken(`No OpenIDConnect provider found in your account for https://${issuer}`);
  }
  const identity = await verifyWebToken(WebIdentityToken, provider, issuerKeys, clock);
  const role = await identities.role(RoleArn);
  const tags = tagsInToken(identity.claims);
  const sourceIdentity = sourceIdentityInToken(identity.claims);
  const request = { provider, identity, sessionName: RoleSessionName, tags: tags.Tags, sourceIdentity };
  if (role === undefined || !isTrusted(context, role, request, call)) throw accessDenied(NOT_AUTHORIZED);
  if (DurationSeconds > role.sessionSecondsMax) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const issuedMs = clock.now();
  const session = roleSession(context, role, RoleSessionName);
  const credentials = tokens.create({
    identity: session,
    issuedMs,
    expiresMs: issuedMs + DurationSeconds * 1000,
    ...(await sessionPolicies(context, input)),
    ...sessionTags(tags, undefined),
    sourceIdentity,
    keys: sessionKeysOf(provider, identity),
  });
  return {
    Credentials: credentialsOutput(credentials),
    SubjectFromWebIdentityToken: identity.subject,
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    Provider: provider.arn,
    Audience: identity.audience,
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}
