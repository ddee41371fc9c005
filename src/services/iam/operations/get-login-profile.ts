import type { GetLoginProfileRequest, GetLoginProfileResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { namedOrCallingUser } from '../caller.ts';
import type { IamContext } from '../context.ts';
import { loginProfileNotFound } from '../errors.ts';

/** Answers NoSuchEntity: users have no passwords. */
export async function getLoginProfile(
  context: IamContext,
  { UserName }: Checked<GetLoginProfileRequest>,
  call: CallContext,
): Promise<GetLoginProfileResponse> {
  const { name } = await namedOrCallingUser(context, UserName, call);
  throw loginProfileNotFound(name);
}
