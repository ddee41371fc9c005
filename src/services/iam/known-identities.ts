import type { IamContext } from './context.ts';
import type { Identities } from './identities.ts';
import { findPolicy } from './managed-policies.ts';
import { arnOf } from './outputs.ts';

export function knownIdentities(context: IamContext): Identities {
  const { store, keys } = context;
  return {
    async userWithKey(accessKeyId) {
      const key = await keys.find(accessKeyId);
      const name = key === undefined ? undefined : await store.nameOf(key.ownerId);
      const row = name === undefined ? undefined : await store.users.find(name);
      return row === undefined ? undefined : { id: row.id, arn: arnOf(context, 'user', row) };
    },
    async role(arn) {
      const row = await store.roles.find(arn.slice(arn.lastIndexOf('/') + 1));
      if (row === undefined || arnOf(context, 'role', row) !== arn) return undefined;
      const { id, name, sessionSecondsMax } = row;
      return { id, arn, name, sessionSecondsMax };
    },
    hasPolicy: async (arn) => (await findPolicy(context, arn)) !== undefined,
  };
}
