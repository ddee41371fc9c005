import type { UntagOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { changeOidcProvider } from '../oidc-providers.ts';
import { withoutIamTags } from '../tags.ts';

/** Removes tags of an OpenID Connect provider; keys without a tag are ignored. */
export async function untagOpenIdConnectProvider(
  context: IamContext,
  input: Checked<UntagOpenIDConnectProviderRequest>,
): Promise<void> {
  await changeOidcProvider(context, input.OpenIDConnectProviderArn, ({ tags }) => ({
    tags: withoutIamTags(tags, input.TagKeys),
  }));
}
