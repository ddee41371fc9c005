import type {
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { alreadyExists, quotaExceeded } from '../errors.ts';
import { iamLimits } from '../limits.ts';
import {
  checkedClientIds,
  checkedThumbprints,
  issuerOfUrl,
  oidcProviderArn,
  oidcProviderRows,
} from '../oidc-providers.ts';
import { withIamTags } from '../tags.ts';

/** Creates an OpenID Connect provider. Its issuer is not contacted: without thumbprints its certificate must be one that
 * the machine trusts. */
export function createOpenIdConnectProvider(
  context: IamContext,
  input: Checked<CreateOpenIDConnectProviderRequest>,
): Promise<CreateOpenIDConnectProviderResponse> {
  const { store, clock } = context;
  return store.change(async (writes) => {
    const { Url, ClientIDList = [], ThumbprintList = [], Tags = [] } = input;
    const issuer = issuerOfUrl(Url);
    if ((await store.oidcProviders.get(issuer)) !== undefined) {
      throw alreadyExists(`Provider with url ${Url} already exists.`);
    }
    if ((await oidcProviderRows(store)).length >= iamLimits.oidcProvidersMax) {
      throw quotaExceeded('OpenIdConnectProvidersPerAccount', iamLimits.oidcProvidersMax);
    }
    writes.put(store.oidcProviders, issuer, {
      issuer,
      clientIds: checkedClientIds(ClientIDList),
      thumbprints: checkedThumbprints(ThumbprintList),
      tags: withIamTags({}, Tags),
      createdMs: clock.now(),
    });
    return { OpenIDConnectProviderArn: oidcProviderArn(context, issuer), Tags: [...Tags] };
  });
}
