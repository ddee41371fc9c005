import type { AccessKey, AccessKeys, Identity } from '../../auth/identity.ts';
import { authLimits } from '../../auth/limits.ts';
import type { Session } from '../../auth/keys/session-tokens.ts';
import type { StsReads } from './context.ts';

interface Kept {
  readonly revision: number;
  readonly key: AccessKey;
}

/**
 * Temporary credentials, for the verification of signatures: everything is in the token. A session ends early when its
 * user or role is deleted.
 */
export class SessionKeys implements AccessKeys {
  readonly #context: StsReads;
  readonly #kept = new Map<string, Kept>();

  constructor(context: StsReads) {
    this.#context = context;
  }

  find(accessKeyId: string, token?: string): AccessKey | undefined | Promise<AccessKey | undefined> {
    if (token === undefined || !accessKeyId.startsWith('ASIA')) return undefined;
    const kept = this.#kept.get(token);
    if (kept === undefined || kept.revision !== this.#context.identities.revision) {
      return this.#read(accessKeyId, token);
    }
    return kept.key.accessKeyId === accessKeyId ? kept.key : undefined;
  }

  async #read(accessKeyId: string, token: string): Promise<AccessKey | undefined> {
    const { tokens, identities } = this.#context;
    const { revision } = identities;
    const session = tokens.read(token);
    const identity = session?.accessKeyId === accessKeyId ? await this.#identityOf(session) : undefined;
    if (session === undefined || identity === undefined) {
      this.#kept.delete(token);
      return undefined;
    }
    const { secretAccessKey, expiresMs } = session;
    const key: AccessKey = {
      accessKeyId,
      secretAccessKey,
      sessionToken: token,
      status: 'Active',
      expiresMs,
      identity,
    };
    if (this.#kept.size >= authLimits.sessionsKeptMax) this.#kept.clear();
    this.#kept.set(token, { revision, key });
    return key;
  }

  /** Undefined if the session's user or role does not exist any more, even if another one has its name. */
  async #identityOf(session: Session): Promise<Identity | undefined> {
    const { identities, accountId } = this.#context;
    const { arn, userId, roleArn } = session.identity;
    const { accessKeyId, issuedMs, policy, policyArns = [], sourceIdentity, keys, tags } = session;
    const common = {
      arn,
      userId,
      accountId,
      accessKeyId,
      session: { issuedMs, policy, policyArns, sourceIdentity, keys },
    };
    if (roleArn !== undefined) {
      const role = await identities.role(roleArn);
      if (role === undefined || !userId.startsWith(`${role.id}:`)) return undefined;
      return { ...common, kind: 'assumed-role', roleArn, tags: { ...role.tags, ...tags } };
    }
    if (userId === accountId) return { ...common, kind: 'root' };
    const user = await identities.userWithId(userId);
    if (user === undefined) return undefined;
    return { ...common, kind: 'user', arn: user.arn, userName: user.name, tags: user.tags };
  }
}
