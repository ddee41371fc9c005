import type { TagOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { changeOidcProvider } from '../oidc-providers.ts';
import { withIamTags } from '../tags.ts';

/** Adds or replaces tags of an OpenID Connect provider. */
export async function tagOpenIdConnectProvider(
  context: IamContext,
  input: Checked<TagOpenIDConnectProviderRequest>,
): Promise<void> {
  await changeOidcProvider(context, input.OpenIDConnectProviderArn, ({ tags }) => ({
    tags: withIamTags(tags, input.Tags),
  }));
}
