import { uniqueId } from '../../auth/keys/access-key-id.ts';
import type { IamContext } from './context.ts';
import type { EntityTable } from './entity-table.ts';
import { alreadyExists, quotaExceeded } from './errors.ts';
import { iamLimits } from './limits.ts';
import type { EntityRow } from './rows.ts';
import type { EntityKind } from './writes.ts';

/** IAM's prefixes of IDs, names in messages, and quotas. */
const kinds = {
  user: { prefix: 'AIDA', quota: 'UsersPerAccount', max: iamLimits.usersMax },
  group: { prefix: 'AGPA', quota: 'GroupsPerAccount', max: iamLimits.groupsMax },
  role: { prefix: 'AROA', quota: 'RolesPerAccount', max: iamLimits.rolesMax },
  policy: { prefix: 'ANPA', quota: 'PoliciesPerAccount', max: iamLimits.policiesMax },
  'instance-profile': {
    prefix: 'AIPA',
    quota: 'InstanceProfilesPerAccount',
    max: iamLimits.instanceProfilesMax,
  },
} satisfies Record<EntityKind, object>;

const ID_CHARACTERS = 21;

/** What every new entity has. Throws EntityAlreadyExists or LimitExceeded. */
export async function newEntity<Row extends EntityRow>(
  { store, clock }: IamContext,
  table: EntityTable<Row>,
  name: string,
  path = '/',
): Promise<EntityRow> {
  await requireFreeName(table, name);
  const { prefix, quota, max } = kinds[table.kind];
  if (store.counts[table.kind] >= max) throw quotaExceeded(quota, max);
  return { id: uniqueId(prefix, ID_CHARACTERS), name, path, createdMs: clock.now() };
}

/** Throws EntityAlreadyExists. */
export async function requireFreeName<Row extends EntityRow>(
  table: EntityTable<Row>,
  name: string,
): Promise<void> {
  if ((await table.find(name)) === undefined) return;
  if (table.kind === 'policy') {
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  if (table.kind === 'instance-profile') throw alreadyExists(`Instance Profile ${name} already exists.`);
  const noun = table.kind.charAt(0).toUpperCase() + table.kind.slice(1);
  throw alreadyExists(`${noun} with name ${name} already exists.`);
}
