import type { GetSessionTokenRequest, GetSessionTokenResponse } from '@aws-sdk/client-sts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { callerOf } from '../caller.ts';
import type { StsContext } from '../context.ts';
import { credentialsOutput } from '../credentials.ts';
import { accessDenied, refuseTokenSize, unsupportedOption, validationError } from '../errors.ts';
import { stsLimits } from '../limits.ts';

const DEFAULT_SECONDS = 43_200;

/** Makes temporary credentials of the caller. MFA devices and sizes of tokens are refused by name. */
export async function getSessionToken(
  context: StsContext,
  input: Checked<GetSessionTokenRequest>,
  call: CallContext,
): Promise<GetSessionTokenResponse> {
  const { SerialNumber, TokenCode, DurationSeconds } = input;
  refuseTokenSize(input.MinimumSessionTokenSize);
  if (SerialNumber !== undefined) throw unsupportedOption('SerialNumber');
  if (TokenCode !== undefined) throw unsupportedOption('TokenCode');
  const { kind, identity } = await callerOf(context, call);
  if (kind === 'session') throw accessDenied('Cannot call GetSessionToken with session credentials');
  const max = kind === 'root' ? stsLimits.rootSessionSecondsMax : Infinity;
  if (DurationSeconds !== undefined && DurationSeconds > max) {
    throw validationError(`The credentials of the account can be valid for at most ${max} seconds.`);
  }
  const seconds = DurationSeconds ?? Math.min(DEFAULT_SECONDS, max);
  const issuedMs = context.clock.now();
  const expiresMs = issuedMs + seconds * 1000;
  return { Credentials: credentialsOutput(context.tokens.create({ identity, issuedMs, expiresMs })) };
}
