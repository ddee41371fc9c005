import type { DeleteOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { issuerOf } from '../oidc-providers.ts';

/** Deletes an OpenID Connect provider; as on AWS it is no error if there is none. */
export async function deleteOpenIdConnectProvider(
  context: IamContext,
  input: Checked<DeleteOpenIDConnectProviderRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    writes.delete(store.oidcProviders, issuerOf(context, input.OpenIDConnectProviderArn));
  });
}
