import type { CallContext } from '../../protocol/service.ts';
import type { IamContext } from './context.ts';
import { validationError } from './errors.ts';
import type { UserRow } from './rows.ts';

/**
 * Returns the user whose access key the request claims, and undefined for the account itself. If signatures are
 * verified, only the root key and the keys of functions are accepted, and no caller is a user.
 */
export async function callingUser(
  { store, keys }: IamContext,
  { principal }: CallContext,
): Promise<UserRow | undefined> {
  if (principal.identity.kind !== 'unverified') return undefined;
  const accessKeyId = principal.scope?.accessKeyId;
  const key = accessKeyId === undefined ? undefined : await keys.find(accessKeyId);
  const name = key === undefined ? undefined : await store.nameOf(key.ownerId);
  return name === undefined ? undefined : await store.users.find(name);
}

/** The user that a call names, or else its caller. Throws NoSuchEntity or ValidationError. */
export async function namedOrCallingUser(
  context: IamContext,
  userName: string | undefined,
  call: CallContext,
): Promise<UserRow> {
  if (userName !== undefined) return await context.store.users.get(userName);
  const user = await callingUser(context, call);
  if (user === undefined) {
    throw validationError('Must specify userName when calling with non-User credentials');
  }
  return user;
}
