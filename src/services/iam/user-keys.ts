import type { AccessKey, AccessKeys } from '../../auth/identity.ts';
import { authLimits } from '../../auth/limits.ts';
import type { IamContext } from './context.ts';
import { arnOf } from './outputs.ts';

interface Kept {
  readonly revision: number;
  readonly key: AccessKey;
}

/**
 * The access keys of users, for the verification of signatures. They are kept in memory until IAM changes, so that a
 * key that was disabled or deleted is refused at once.
 */
export class UserKeys implements AccessKeys {
  readonly #context: IamContext;
  readonly #kept = new Map<string, Kept>();

  constructor(context: IamContext) {
    this.#context = context;
  }

  find(accessKeyId: string): AccessKey | Promise<AccessKey | undefined> {
    const kept = this.#kept.get(accessKeyId);
    if (kept !== undefined && kept.revision === this.#context.store.revision) return kept.key;
    return this.#read(accessKeyId);
  }

  async #read(accessKeyId: string): Promise<AccessKey | undefined> {
    const { store, keys, accountId } = this.#context;
    // Taken first: what a change in the meantime has made obsolete is read again.
    const { revision } = store;
    const row = await keys.find(accessKeyId);
    const secretAccessKey = row && keys.secretOf(row);
    const user = row && (await store.userWithId(row.ownerId));
    if (row === undefined || secretAccessKey === undefined || user === undefined) {
      this.#kept.delete(accessKeyId);
      return undefined;
    }
    const key: AccessKey = {
      accessKeyId,
      secretAccessKey,
      status: row.status,
      identity: {
        kind: 'user',
        arn: arnOf(this.#context, 'user', user),
        userId: user.id,
        accountId,
        accessKeyId,
        userName: user.name,
        tags: user.tags,
      },
      used: (use) => keys.lastUses.record(accessKeyId, use),
    };
    if (this.#kept.size >= authLimits.accessKeysKeptMax) this.#kept.clear();
    this.#kept.set(accessKeyId, { revision, key });
    return key;
  }
}
