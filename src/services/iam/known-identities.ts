import type { IamContext } from './context.ts';
import type { Identities, KnownIdentity } from './identities.ts';
import { findPolicy } from './managed-policies.ts';
import { oidcProviderArn } from './oidc-providers.ts';
import { arnOf } from './outputs.ts';

export function knownIdentities(context: IamContext): Identities {
  const { store, keys } = context;
  async function userWithId(id: string): Promise<KnownIdentity | undefined> {
    const row = await store.userWithId(id);
    if (row === undefined) return undefined;
    return { id, arn: arnOf(context, 'user', row), name: row.name, tags: row.tags };
  }
  return {
    get revision() {
      return store.revision;
    },
    async userWithKey(accessKeyId) {
      const key = await keys.find(accessKeyId);
      return key === undefined ? undefined : await userWithId(key.ownerId);
    },
    userWithId,
    async role(arn) {
      const row = await store.roles.find(arn.slice(arn.lastIndexOf('/') + 1));
      if (row === undefined || arnOf(context, 'role', row) !== arn) return undefined;
      const { id, name, tags, sessionSecondsMax, trust } = row;
      return { id, arn, name, tags, sessionSecondsMax, trust };
    },
    async oidcProvider(issuer) {
      const row = await store.oidcProviders.get(issuer);
      if (row === undefined) return undefined;
      const { clientIds, thumbprints } = row;
      return { arn: oidcProviderArn(context, issuer), issuer, clientIds, thumbprints };
    },
    hasPolicy: async (arn) => (await findPolicy(context, arn)) !== undefined,
  };
}
