import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { KnownRole } from '../../iam/identities.ts';
import { type Caller, callerOf } from '../caller.ts';
import type { StsContext } from '../context.ts';
import { credentialsOutput } from '../credentials.ts';
import { accessDenied, refuseTokenSize, unsupportedOption, validationError } from '../errors.ts';
import { stsLimits } from '../limits.ts';
import { roleSession } from '../role-session.ts';
import { sessionPolicies, sessionTags } from '../session-input.ts';

const DEFAULT_SECONDS = 3_600;

/**
 * Makes temporary credentials of a role. Its trust policy must allow it, if signatures are verified. Session policies
 * and tags are kept in the token. MFA devices, provided contexts and sizes of tokens are refused by name.
 */
export async function assumeRole(
  context: StsContext,
  input: Checked<AssumeRoleRequest>,
  call: CallContext,
): Promise<AssumeRoleResponse> {
  refuseOptions(input);
  const { RoleArn, RoleSessionName } = input;
  const caller = await callerOf(context, call);
  const role = await context.identities.role(RoleArn);
  if (role === undefined) {
    throw accessDenied(
      `User: ${caller.identity.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    );
  }
  const issuedMs = context.clock.now();
  const expiresMs = issuedMs + secondsOf(input, role, caller) * 1000;
  const identity = roleSession(context, role, RoleSessionName);
  // A source identity stays the same through all further sessions.
  const sourceIdentity = caller.session?.sourceIdentity ?? input.SourceIdentity;
  if (input.SourceIdentity !== undefined && input.SourceIdentity !== sourceIdentity) {
    throw accessDenied(
      `User: ${caller.identity.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${RoleArn}`,
    );
  }
  const credentials = context.tokens.create({
    identity,
    issuedMs,
    expiresMs,
    ...(await sessionPolicies(context, input)),
    ...sessionTags(input, caller.session),
    sourceIdentity,
  });
  return {
    Credentials: credentialsOutput(credentials),
    AssumedRoleUser: { AssumedRoleId: identity.userId, Arn: identity.arn },
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}

function refuseOptions(input: Checked<AssumeRoleRequest>): void {
  const { SerialNumber, TokenCode, ProvidedContexts } = input;
  refuseTokenSize(input.MinimumSessionTokenSize);
  if (SerialNumber !== undefined) throw unsupportedOption('SerialNumber');
  if (TokenCode !== undefined) throw unsupportedOption('TokenCode');
  if (ProvidedContexts !== undefined) throw unsupportedOption('ProvidedContexts');
}

/** Throws ValidationError. */
function secondsOf(
  { DurationSeconds = DEFAULT_SECONDS }: Checked<AssumeRoleRequest>,
  role: KnownRole,
  { identity }: Caller,
): number {
  if (DurationSeconds > role.sessionSecondsMax) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const isChained = identity.roleArn !== undefined;
  if (isChained && DurationSeconds > stsLimits.chainedSessionSecondsMax) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return DurationSeconds;
}
