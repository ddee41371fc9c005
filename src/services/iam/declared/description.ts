import {
  compact,
  type Description,
  type TerraformImport,
  type Undeclared,
  undeclaredParts,
} from '../../../declarations/description.ts';
import type { IamContext } from '../context.ts';
import { versionOf } from '../managed-policies.ts';
import { arnOf } from '../outputs.ts';
import type { PrincipalRow } from '../rows.ts';

type Section = Record<string, Record<string, unknown>>;

/** All policies, groups, roles and users of the account. Secrets of access keys are not described. */
export async function describeIdentities(context: IamContext): Promise<Description> {
  const imports: TerraformImport[] = [];
  const undeclared: Undeclared[] = [];
  const policies = await describedPolicies(context, imports);
  const groups = await describedGroups(context, imports);
  const roles = await describedRoles(context, imports);
  const users = await describedUsers(context, imports, undeclared);
  for await (const { name } of context.store.instanceProfiles.entries(undefined)) {
    imports.push({ type: 'aws_iam_instance_profile', name, id: name });
    undeclared.push({ resource: `instance profile ${name}`, what: 'it' });
  }
  return { sections: { policies, groups, roles, users }, imports, undeclared };
}

async function describedPolicies(context: IamContext, imports: TerraformImport[]): Promise<Section> {
  const section: Section = {};
  for await (const row of context.store.policies.entries(undefined)) {
    const arn = arnOf(context, 'policy', row);
    const { document } = versionOf({ ...row, arn }, `v${row.defaultVersion}`);
    section[row.name] = {
      ...compact({ path: pathOf(row.path), description: row.description, tags: row.tags }),
      document: contentOf(document),
    };
    imports.push({ type: 'aws_iam_policy', name: row.name, id: arn });
  }
  return section;
}

async function describedGroups({ store }: IamContext, imports: TerraformImport[]): Promise<Section> {
  const section: Section = {};
  for await (const row of store.groups.entries(undefined)) {
    section[row.name] = compact({ path: pathOf(row.path), ...policiesOf(row) });
    imports.push({ type: 'aws_iam_group', name: row.name, id: row.name });
  }
  return section;
}

async function describedRoles({ store }: IamContext, imports: TerraformImport[]): Promise<Section> {
  const section: Section = {};
  for await (const row of store.roles.entries(undefined)) {
    section[row.name] = compact({
      path: pathOf(row.path),
      description: row.description,
      maxSessionDuration: row.sessionSecondsMax,
      tags: row.tags,
      assumeRolePolicyDocument: contentOf(row.trust),
      permissionsBoundary: row.boundary,
      ...policiesOf(row),
    });
    imports.push({ type: 'aws_iam_role', name: row.name, id: row.name });
  }
  return section;
}

async function describedUsers(
  { store, keys }: IamContext,
  imports: TerraformImport[],
  undeclared: Undeclared[],
): Promise<Section> {
  const section: Section = {};
  for await (const row of store.users.entries(undefined)) {
    const groups = await Promise.all(row.groups.map((id) => store.nameOf(id)));
    section[row.name] = compact({
      path: pathOf(row.path),
      tags: row.tags,
      groups: groups.flatMap((name) => name ?? []),
      permissionsBoundary: row.boundary,
      ...policiesOf(row),
    });
    imports.push({ type: 'aws_iam_user', name: row.name, id: row.name });
    const accessKeys = await keys.ofOwner(row.id);
    undeclared.push(...undeclaredParts(`users.${row.name}`, { 'its access keys': accessKeys }));
  }
  return section;
}

function policiesOf({ attached, inline }: PrincipalRow): Record<string, unknown> {
  return {
    attachedPolicies: attached,
    inlinePolicies: Object.fromEntries(inline.map(({ name, document }) => [name, contentOf(document)])),
  };
}

function pathOf(path: string): string | undefined {
  return path === '/' ? undefined : path;
}

/** As a map; documents were parsed when they were stored. */
function contentOf(document: string): unknown {
  const content: unknown = JSON.parse(document);
  return content;
}
