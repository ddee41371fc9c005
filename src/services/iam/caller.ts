import type { CallContext } from '../../protocol/service.ts';
import type { IamContext } from './context.ts';
import { validationError } from './errors.ts';
import type { UserRow } from './rows.ts';

/**
 * Returns the user that calls, and undefined for the account itself and for sessions of roles. With `--auth off` it is
 * the user whose access key the request claims.
 */
export async function callingUser(
  { store, keys }: IamContext,
  { principal }: CallContext,
): Promise<UserRow | undefined> {
  const { kind, userId } = principal.identity;
  if (kind === 'user') return await store.userWithId(userId);
  if (kind !== 'unverified') return undefined;
  const accessKeyId = principal.scope?.accessKeyId;
  const key = accessKeyId === undefined ? undefined : await keys.find(accessKeyId);
  return key === undefined ? undefined : await store.userWithId(key.ownerId);
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
