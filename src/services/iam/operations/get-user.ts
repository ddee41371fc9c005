import type { GetUserRequest, GetUserResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { formatArn } from '../../../aws/arn.ts';
import { callingUser } from '../caller.ts';
import { userOutput } from '../outputs.ts';

/** Returns a user; without a name the caller, which is the account unless the request is signed with a key of a user. */
export async function getUser(
  context: IamContext,
  input: Checked<GetUserRequest>,
  call: CallContext,
): Promise<GetUserResponse> {
  const { store, accountId } = context;
  const { UserName } = input;
  const row = UserName === undefined ? await callingUser(context, call) : await store.users.get(UserName);
  if (row !== undefined) return { User: userOutput(context, row) };
  const arn = formatArn('iam', { region: '', accountId }, 'root');
  const root = { UserId: accountId, Arn: arn };
  return { User: { ...root, Path: undefined, UserName: undefined, CreateDate: undefined } };
}
