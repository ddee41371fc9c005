import type { UserRow } from './rows.ts';
import type { IamStore } from './store.ts';

export function memberKey(groupId: string, userId: string): string {
  return `${groupId}\n${userId}`;
}

/** The users of a group in the order of their IDs, from after that ID on. */
export async function* membersOf(
  store: IamStore,
  groupId: string,
  afterId?: string,
): AsyncGenerator<UserRow> {
  const range = afterId === undefined ? {} : { after: memberKey(groupId, afterId) };
  for await (const [, { userId }] of store.members.entries({ prefix: memberKey(groupId, ''), ...range })) {
    const name = await store.nameOf(userId);
    const row = name === undefined ? undefined : await store.users.find(name);
    if (row !== undefined) yield row;
  }
}
