import type { UpdateOpenIDConnectProviderThumbprintRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { changeOidcProvider, checkedThumbprints } from '../oidc-providers.ts';

/** Replaces the thumbprints of an OpenID Connect provider. */
export async function updateOpenIdConnectProviderThumbprint(
  context: IamContext,
  input: Checked<UpdateOpenIDConnectProviderThumbprintRequest>,
): Promise<void> {
  await changeOidcProvider(context, input.OpenIDConnectProviderArn, () => ({
    thumbprints: checkedThumbprints(input.ThumbprintList),
  }));
}
