import type { Declarations, DeclaredEntry } from '../../../config/declarations.ts';
import type { DeclaredThing, Declarer, PlanStep, Removable, Resource } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import type { IamContext } from '../context.ts';
import { keyOf } from '../rows.ts';
import { describeIdentities } from './description.ts';
import { planGroup, planRole, removableGroup, removableRole } from './groups-and-roles.ts';
import { planPolicy, PolicyReferences, removablePolicy } from './policies.ts';
import { groupsSection, policiesSection, rolesSection, usersSection } from './section.ts';
import { planAccessKey, planUser, removableKey, removableUser } from './users.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Declares the policies, groups, roles and users of `nagare.yaml`. Each is changed by the operations of the API. */
export function identityDeclarer(context: IamContext, environment: Environment): Declarer {
  return {
    plan(declarations, { baseDir }) {
      const references = new PolicyReferences(context, declarations);
      const groups = new Set(declarations.names(groupsSection.name).map(keyOf));
      return [
        ...things('policies', declarations.entries(policiesSection), ({ name, value }) =>
          planPolicy(context, name, value),
        ),
        ...things('groups', declarations.entries(groupsSection), ({ name, value }) =>
          planGroup(context, name, value, references),
        ),
        ...things('roles', declarations.entries(rolesSection), ({ name, value }) =>
          planRole(context, name, value, references),
        ),
        ...things('users', declarations.entries(usersSection), async ({ name, value }) => {
          for (const group of value.own.groups ?? []) await requireGroup(context, group, groups);
          return await planUser(context, name, value, references);
        }),
        ...keysOf(context, declarations, { environment, baseDir }),
      ];
    },
    describe: () => describeIdentities(context),
    find: (resource) => find(context, resource),
  };
}

function things<Entry>(
  section: string,
  entries: readonly DeclaredEntry<Entry>[],
  plan: (entry: DeclaredEntry<Entry>) => Promise<PlanStep>,
): DeclaredThing[] {
  return entries.map((entry) => ({
    resource: [section, entry.name],
    path: entry.path,
    check: () => plan(entry),
  }));
}

function keysOf(
  context: IamContext,
  declarations: Declarations,
  sources: { readonly environment: Environment; readonly baseDir: string },
): DeclaredThing[] {
  return declarations.entries(usersSection).flatMap(({ name: userName, path, value }) =>
    Object.entries(value.own.accessKeys).map(([accessKeyId, { secretAccessKey }]) => ({
      resource: ['users', userName, 'accessKeys', accessKeyId],
      path: `${path}.accessKeys.${accessKeyId}`,
      check: () => planAccessKey(context, { userName, accessKeyId, secretAccessKey }, sources),
    })),
  );
}

/** Throws DeclarationError. */
async function requireGroup(
  { store }: IamContext,
  name: string,
  declared: ReadonlySet<string>,
): Promise<void> {
  if (declared.has(keyOf(name)) || (await store.groups.find(name)) !== undefined) return;
  throw new DeclarationError(`there is no group ${name}: declare it in the section groups`);
}

async function find(
  context: IamContext,
  [section, name = '', part, accessKeyId = '']: Resource,
): Promise<Removable | undefined> {
  const { users, groups, roles, policies } = context.store;
  if (section === 'users') {
    const row = await users.find(name);
    if (row === undefined || part === undefined) return row && removableUser(context, row);
    const key = await context.keys.find(accessKeyId);
    return key?.ownerId === row.id ? removableKey(context, key) : undefined;
  }
  if (section === 'groups') {
    const row = await groups.find(name);
    return row && removableGroup(context, row);
  }
  if (section === 'roles') {
    const row = await roles.find(name);
    return row && removableRole(context, row);
  }
  const row = await policies.find(name);
  return row && removablePolicy(context, row);
}
