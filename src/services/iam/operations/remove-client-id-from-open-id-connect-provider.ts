import type { RemoveClientIDFromOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { changeOidcProvider } from '../oidc-providers.ts';

/** Removes an audience from an OpenID Connect provider, if it has it. */
export async function removeClientIdFromOpenIdConnectProvider(
  context: IamContext,
  input: Checked<RemoveClientIDFromOpenIDConnectProviderRequest>,
): Promise<void> {
  await changeOidcProvider(context, input.OpenIDConnectProviderArn, ({ clientIds }) => ({
    clientIds: clientIds.filter((id) => id !== input.ClientID),
  }));
}
