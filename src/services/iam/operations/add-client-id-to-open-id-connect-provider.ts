import type { AddClientIDToOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { changeOidcProvider, checkedClientIds } from '../oidc-providers.ts';

/** Adds an audience to an OpenID Connect provider, unless it has it. */
export async function addClientIdToOpenIdConnectProvider(
  context: IamContext,
  input: Checked<AddClientIDToOpenIDConnectProviderRequest>,
): Promise<void> {
  await changeOidcProvider(context, input.OpenIDConnectProviderArn, ({ clientIds }) => ({
    clientIds: checkedClientIds([...clientIds, input.ClientID]),
  }));
}
