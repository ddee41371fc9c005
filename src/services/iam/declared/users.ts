import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AccessKeyRow } from '../../../auth/keys/access-keys.ts';
import type { PlanStep, Removable } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import { reasonOf } from '../../../support/errno.ts';
import type { IamContext } from '../context.ts';
import { quotaExceeded } from '../errors.ts';
import { iamLimits } from '../limits.ts';
import { addUserToGroup } from '../operations/add-user-to-group.ts';
import { createUser } from '../operations/create-user.ts';
import { deleteUser } from '../operations/delete-user.ts';
import { removeUserFromGroup } from '../operations/remove-user-from-group.ts';
import { updateUser } from '../operations/update-user.ts';
import { keyOf, type UserRow } from '../rows.ts';
import { type Change, isSameSet, stepOf } from './changes.ts';
import type { PolicyReferences } from './policies.ts';
import { checkPolicies, policyChanges, removePolicies } from './principals.ts';
import type { DeclaredSecret, DeclaredUser } from './section.ts';
import { tagChanges } from './tags.ts';

export async function planUser(
  context: IamContext,
  name: string,
  declared: DeclaredUser,
  references: PolicyReferences,
): Promise<PlanStep> {
  const { users } = context.store;
  await checkPolicies('user', name, declared.own, references);
  const keys = Object.keys(declared.own.accessKeys).length;
  if (keys > iamLimits.accessKeysPerUserMax) {
    throw quotaExceeded('AccessKeysPerUser', iamLimits.accessKeysPerUserMax);
  }
  return await stepOf(
    (await users.find(name)) !== undefined,
    () => createUser(context, { ...declared.input, UserName: name }),
    async () => changesOf(context, await users.get(name), declared, references),
  );
}

async function changesOf(
  context: IamContext,
  row: UserRow,
  { input, own }: DeclaredUser,
  references: PolicyReferences,
): Promise<Change[]> {
  const { name, path } = row;
  const changes = tagChanges(context.store, context.store.users, row, input.Tags);
  const { Path: NewPath } = input;
  if (NewPath !== undefined && NewPath !== path) {
    const apply = () => updateUser(context, { UserName: name, NewPath });
    changes.push({ name: 'path', before: path, after: NewPath, apply });
  }
  return [
    ...changes,
    ...(await groupChanges(context, row, own.groups)),
    ...(await policyChanges(context, { kind: 'user', row }, own, references)),
  ];
}

async function groupChanges(
  context: IamContext,
  row: UserRow,
  after: readonly string[] | undefined,
): Promise<Change[]> {
  if (after === undefined) return [];
  const before = await groupNames(context, row);
  if (isSameSet(before.map(keyOf), after.map(keyOf))) return [];
  const apply = async (): Promise<void> => {
    const wanted = new Set(after.map(keyOf));
    for (const GroupName of before) {
      if (!wanted.has(keyOf(GroupName)))
        await removeUserFromGroup(context, { GroupName, UserName: row.name });
    }
    for (const GroupName of after) await addUserToGroup(context, { GroupName, UserName: row.name });
  };
  return [{ name: 'groups', before, after, apply }];
}

async function groupNames({ store }: IamContext, row: UserRow): Promise<string[]> {
  const names = await Promise.all(row.groups.map((id) => store.nameOf(id)));
  return names.flatMap((name) => name ?? []);
}

export function removableUser(context: IamContext, row: UserRow): Removable {
  return {
    async remove() {
      const UserName = row.name;
      for (const key of await context.keys.ofOwner(row.id)) await context.keys.delete(key);
      for (const GroupName of await groupNames(context, row)) {
        await removeUserFromGroup(context, { GroupName, UserName });
      }
      await removePolicies(context, { kind: 'user', row });
      await deleteUser(context, { UserName });
    },
  };
}

export interface DeclaredKey {
  readonly userName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: DeclaredSecret;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The key of a user, which may be created before it. The secret appears in no message and no plan. */
export async function planAccessKey(
  context: IamContext,
  declared: DeclaredKey,
  { environment, baseDir }: { readonly environment: Environment; readonly baseDir: string },
): Promise<PlanStep> {
  const { keys, store } = context;
  const { userName, accessKeyId } = declared;
  if (!/^[A-Z0-9]{16,128}$/.test(accessKeyId)) {
    throw new DeclarationError('an access key ID has 16 to 128 capitals and digits');
  }
  if (context.isRootKey(accessKeyId)) {
    throw new DeclarationError('the root key has this ID: requests with it would never be those of the user');
  }
  const secret = await secretOf(declared.secretAccessKey, environment, baseDir);
  const row = await keys.find(accessKeyId);
  const user = await store.users.find(userName);
  if (row !== undefined && row.ownerId !== user?.id) {
    throw new DeclarationError('another user has an access key with this ID');
  }
  const apply = (): Promise<void> => storeKey(context, declared, secret);
  if (row === undefined) return { action: 'create', apply };
  const isSame = keys.secretOf(row) === secret;
  return isSame ? { action: 'leave', apply } : { action: 'change', details: 'secretAccessKey', apply };
}

async function storeKey({ store, keys }: IamContext, declared: DeclaredKey, secret: string): Promise<void> {
  await store.change(async () => {
    const user = await store.users.get(declared.userName);
    const others = (await keys.ofOwner(user.id)).filter(
      ({ accessKeyId }) => accessKeyId !== declared.accessKeyId,
    );
    const max = iamLimits.accessKeysPerUserMax;
    if (others.length >= max) throw quotaExceeded('AccessKeysPerUser', max);
    const present = await keys.find(declared.accessKeyId);
    if (present === undefined || keys.secretOf(present) !== secret) {
      await keys.store(user.id, declared.accessKeyId, secret);
    }
  });
}

async function secretOf(
  { environment: variable, file }: DeclaredSecret,
  environment: Environment,
  baseDir: string,
) {
  if ((variable === undefined) === (file === undefined)) {
    throw new DeclarationError('secretAccessKey needs either environment or file');
  }
  const source = variable ?? file ?? '';
  const text = variable === undefined ? await textOf(resolve(baseDir, source)) : environment[variable];
  if (text === undefined) throw new DeclarationError(`the environment variable ${source} is not set`);
  const secret = text.trim();
  if (/^\S{16,128}$/.test(secret)) return secret;
  throw new DeclarationError(`${source} must have a secret of 16 to 128 characters without spaces`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new DeclarationError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

export function removableKey(context: IamContext, row: AccessKeyRow): Removable {
  return { remove: () => context.keys.delete(row) };
}
