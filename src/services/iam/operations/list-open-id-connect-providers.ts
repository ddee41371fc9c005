import type { ListOpenIDConnectProvidersResponse } from '@aws-sdk/client-iam';
import type { IamContext } from '../context.ts';
import { oidcProviderArn, oidcProviderRows } from '../oidc-providers.ts';

/** Lists the ARNs of all OpenID Connect providers. */
export async function listOpenIdConnectProviders(
  context: IamContext,
): Promise<ListOpenIDConnectProvidersResponse> {
  const rows = await oidcProviderRows(context.store);
  return { OpenIDConnectProviderList: rows.map(({ issuer }) => ({ Arn: oidcProviderArn(context, issuer) })) };
}
