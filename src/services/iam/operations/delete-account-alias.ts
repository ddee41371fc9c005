import type { DeleteAccountAliasRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { noSuchEntity } from '../errors.ts';

/** Removes the alias of the account. */
export async function deleteAccountAlias(
  context: IamContext,
  input: Checked<DeleteAccountAliasRequest>,
): Promise<void> {
  const { store } = context;
  if (store.alias !== input.AccountAlias) {
    throw noSuchEntity(`The account alias ${input.AccountAlias} cannot be found.`);
  }
  await store.setAlias(undefined);
}
