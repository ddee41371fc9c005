import type { CallContext } from '../../protocol/service.ts';

/** The id of the user or role that sends a message; undefined for the account itself, which needs not be stored. */
export function senderOf({ principal, accountId }: CallContext): string | undefined {
  const { userId } = principal.identity;
  return userId === accountId ? undefined : userId;
}
