import type { Identity } from '../identity.ts';
import type { PolicySource } from './policy-source.ts';

export interface RoleSessionOptions {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly issuedMs: number;
  readonly accessKeyId?: string;
  /** Of the function whose processes have the session. */
  readonly functionArn?: string;
}

/**
 * A session of a role that the server makes itself, for the processes of a function and for services that act. It ends
 * when the role is deleted, even if another one gets its name.
 */
export class RoleSession {
  readonly #options: RoleSessionOptions;
  #roleId: string | undefined;
  #known: { readonly revision: number; readonly identity: Identity | undefined } | undefined;

  constructor(options: RoleSessionOptions) {
    this.#options = options;
  }

  /** Its role was there once, and is no more: the session will never be accepted again. */
  get isEnded(): boolean {
    return this.#roleId !== undefined && this.#known?.identity === undefined;
  }

  /** The same object until IAM changes; undefined without the role. */
  identity(policies: PolicySource): Identity | undefined | Promise<Identity | undefined> {
    const known = this.#known;
    return known?.revision === policies.revision ? known.identity : this.#read(policies);
  }

  async #read(policies: PolicySource): Promise<Identity | undefined> {
    const { roleArn, sessionName, accountId, issuedMs, accessKeyId, functionArn } = this.#options;
    const { revision } = policies;
    const role = await policies.role(roleArn);
    this.#roleId ??= role?.id;
    const identity: Identity | undefined =
      role === undefined || role.id !== this.#roleId
        ? undefined
        : {
            kind: 'assumed-role',
            arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
            userId: `${role.id}:${sessionName}`,
            accountId,
            accessKeyId,
            roleArn,
            tags: role.tags,
            session: { issuedMs, policy: undefined, policyArns: [], sourceIdentity: undefined },
            ...(functionArn !== undefined && { functionArn }),
          };
    this.#known = { revision, identity };
    return identity;
  }
}
