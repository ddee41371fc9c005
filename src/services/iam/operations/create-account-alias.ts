import type { CreateAccountAliasRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { quotaExceeded } from '../errors.ts';

/** Sets the alias of the account; it has one. */
export async function createAccountAlias(
  context: IamContext,
  input: Checked<CreateAccountAliasRequest>,
): Promise<void> {
  const { store } = context;
  const alias = store.alias;
  if (alias !== undefined && alias !== input.AccountAlias) throw quotaExceeded('AccountAliasesPerAccount', 1);
  await store.setAlias(input.AccountAlias);
}
