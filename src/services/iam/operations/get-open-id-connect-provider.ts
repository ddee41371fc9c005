import type { GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { oidcProvider } from '../oidc-providers.ts';
import { tagsMember } from '../tags.ts';

/** Describes an OpenID Connect provider. */
export async function getOpenIdConnectProvider(
  context: IamContext,
  input: Checked<GetOpenIDConnectProviderRequest>,
): Promise<GetOpenIDConnectProviderResponse> {
  const row = await oidcProvider(context, input.OpenIDConnectProviderArn);
  return {
    Url: row.issuer,
    ClientIDList: [...row.clientIds],
    ThumbprintList: [...row.thumbprints],
    CreateDate: new Date(row.createdMs),
    ...tagsMember(row.tags),
  };
}
