import type {
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { oidcProvider } from '../oidc-providers.ts';
import { pageOfTags } from '../tag-pages.ts';

/** Lists the tags of an OpenID Connect provider. */
export async function listOpenIdConnectProviderTags(
  context: IamContext,
  input: Checked<ListOpenIDConnectProviderTagsRequest>,
): Promise<ListOpenIDConnectProviderTagsResponse> {
  const row = await oidcProvider(context, input.OpenIDConnectProviderArn);
  const { Marker, MaxItems } = input;
  const page = await pageOfTags(row.issuer, { Marker, MaxItems }, row.tags);
  return { Tags: [...page.items], ...page.end };
}
