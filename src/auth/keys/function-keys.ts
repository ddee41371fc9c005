import type { PolicySource } from '../authorization/policy-source.ts';
import { RoleSession } from '../authorization/role-session.ts';
import type { AccessKey, Identity } from '../identity.ts';
import type { Credentials } from '../sign.ts';

/** Whose processes have a key. */
export interface FunctionOfKey {
  readonly name: string;
  readonly arn: string;
  /** Undefined for a function that may do everything: nagare.yaml declares it without a role. */
  readonly roleArn: string | undefined;
}

interface FunctionKey {
  readonly credentials: Required<Credentials>;
  readonly session: RoleSession | Identity;
}

interface Issued {
  readonly accountId: string;
  readonly issuedMs: number;
}

/**
 * Keys of functions: each version of a function has one of its own, for a session of its role. They end with the server's
 * process, and with the role. nagare's own paths refuse them.
 */
export class FunctionKeys {
  readonly #keys = new Map<string, FunctionKey>();
  #policies: PolicySource | undefined;

  join(policies: PolicySource | undefined): void {
    this.#policies = policies;
  }

  has(accessKeyId: string): boolean {
    return this.#keys.has(accessKeyId);
  }

  add(credentials: Required<Credentials>, owner: FunctionOfKey, { accountId, issuedMs }: Issued): void {
    const { name: sessionName, arn: functionArn, roleArn } = owner;
    const { accessKeyId } = credentials;
    const common = { sessionName, accountId, accessKeyId, functionArn };
    const session =
      roleArn === undefined
        ? unlimited(owner, { accountId, accessKeyId })
        : new RoleSession({ ...common, roleArn, issuedMs });
    this.#keys.set(accessKeyId, { credentials, session });
  }

  end(accessKeyId: string): void {
    this.#keys.delete(accessKeyId);
  }

  find(accessKeyId: string): AccessKey | undefined | Promise<AccessKey | undefined> {
    const key = this.#keys.get(accessKeyId);
    if (key === undefined) return undefined;
    const { session } = key;
    if (!(session instanceof RoleSession)) return accessKey(key, session);
    // Without a service that has roles, none exists.
    const identity = this.#policies && session.identity(this.#policies);
    if (!(identity instanceof Promise)) return accessKey(key, identity);
    return identity.then((one) => {
      if (session.isEnded) this.#keys.delete(accessKeyId);
      return accessKey(key, one);
    });
  }
}

function accessKey({ credentials }: FunctionKey, identity: Identity | undefined): AccessKey | undefined {
  return identity && { ...credentials, status: 'Active', identity };
}

function unlimited(
  { name, arn }: FunctionOfKey,
  { accountId, accessKeyId }: { readonly accountId: string; readonly accessKeyId: string },
): Identity {
  return {
    kind: 'assumed-role',
    arn: `arn:aws:sts::${accountId}:assumed-role/nagare-function/${name}`,
    userId: `AROANAGAREFUNCTION:${name}`,
    accountId,
    accessKeyId,
    isUnlimited: true,
    functionArn: arn,
  };
}
