import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import { formatArn } from '../../../aws/arn.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { KnownRole } from '../../iam/identities.ts';
import { type Caller, callerOf } from '../caller.ts';
import type { StsContext } from '../context.ts';
import { credentialsOutput } from '../credentials.ts';
import { accessDenied, unsupportedOption, validationError } from '../errors.ts';
import { stsLimits } from '../limits.ts';
import { sessionPolicies, sessionTags } from '../session-input.ts';

const DEFAULT_SECONDS = 3_600;

/**
 * Makes temporary credentials of a role. The role must exist; its trust policy is not enforced. Session policies and
 * tags are validated and kept in the token. MFA devices and provided contexts are refused by name.
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
  const expiresMs = context.clock.now() + secondsOf(input, role, caller) * 1000;
  const { accountId } = context;
  const resource = `assumed-role/${role.name}/${RoleSessionName}`;
  const identity = {
    arn: formatArn('sts', { region: '', accountId }, resource),
    userId: `${role.id}:${RoleSessionName}`,
    roleArn: role.arn,
  };
  // A source identity stays the same through all further sessions.
  const sourceIdentity = caller.session?.sourceIdentity ?? input.SourceIdentity;
  const credentials = context.tokens.create({
    identity,
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

function refuseOptions({ SerialNumber, TokenCode, ProvidedContexts }: Checked<AssumeRoleRequest>): void {
  if (SerialNumber !== undefined) throw unsupportedOption('SerialNumber');
  if (TokenCode !== undefined) throw unsupportedOption('TokenCode');
  if (ProvidedContexts !== undefined) throw unsupportedOption('ProvidedContexts');
}

/** Throws ValidationError. */
function secondsOf(
  { DurationSeconds = DEFAULT_SECONDS }: Checked<AssumeRoleRequest>,
  role: KnownRole,
  { session }: Caller,
): number {
  if (DurationSeconds > role.sessionSecondsMax) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const isChained = session?.identity.roleArn !== undefined;
  if (isChained && DurationSeconds > stsLimits.chainedSessionSecondsMax) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return DurationSeconds;
}
