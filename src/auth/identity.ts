/** Who a request comes from. */
export interface Identity {
  /** `unverified`: signatures are not checked (`--auth off`). */
  readonly kind: 'root' | 'user' | 'assumed-role' | 'anonymous' | 'unverified';
  readonly arn: string;
  /** AIDA..., AROA...:session, or the account id of root. */
  readonly userId: string;
  readonly accountId: string;
  readonly accessKeyId: string | undefined;
  readonly userName?: string;
  readonly roleArn?: string;
  readonly sessionTags?: Readonly<Record<string, string>>;
}

/** A key as the verification of signatures needs it. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary keys have one, and requests must carry it. */
  readonly sessionToken?: string;
  readonly status: 'Active' | 'Inactive';
  /** Milliseconds since the epoch. */
  readonly expiresMs?: number;
  readonly identity: Identity;
}

export interface AccessKeys {
  find(accessKeyId: string): AccessKey | undefined | Promise<AccessKey | undefined>;
}

/** Nobody in particular: with `unverified` anyone who reaches the server, with `anonymous` a request without a key. */
export function nobody(kind: 'anonymous' | 'unverified', accountId: string): Identity {
  const arn = `arn:aws:iam::${accountId}:${kind === 'anonymous' ? 'anonymous' : 'root'}`;
  return {
    kind,
    arn,
    userId: kind === 'anonymous' ? 'anonymous' : accountId,
    accountId,
    accessKeyId: undefined,
  };
}

/** The owner of the account. */
export function rootIdentity(accountId: string, accessKeyId: string): Identity {
  return { kind: 'root', arn: `arn:aws:iam::${accountId}:root`, userId: accountId, accountId, accessKeyId };
}
