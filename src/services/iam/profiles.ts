import { type InstanceProfileRow, keyOf } from './rows.ts';
import type { IamStore } from './store.ts';

export function profileOfRoleKey(roleName: string, profileName: string): string {
  return `${keyOf(roleName)}\n${keyOf(profileName)}`;
}

/** The instance profiles that have a role, from after that name on. */
export async function* profilesOf(
  store: IamStore,
  roleName: string,
  afterName?: string,
): AsyncGenerator<InstanceProfileRow> {
  const range = afterName === undefined ? {} : { after: profileOfRoleKey(roleName, afterName) };
  const prefix = profileOfRoleKey(roleName, '');
  for await (const [, { profile }] of store.profilesOfRoles.entries({ prefix, ...range })) {
    const row = await store.instanceProfiles.find(profile);
    if (row !== undefined) yield row;
  }
}
