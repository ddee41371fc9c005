/** Who a request comes from. */
export interface Identity {
  /** `unverified`: signatures are not checked (`--auth off`). `service`: one that acts under resource policies. */
  readonly kind: 'root' | 'user' | 'assumed-role' | 'service' | 'anonymous' | 'unverified';
  /** For a service its name: `sns.amazonaws.com`. */
  readonly arn: string;
  /** AIDA..., AROA...:session, or the account id of root. */
  readonly userId: string;
  readonly accountId: string;
  readonly accessKeyId: string | undefined;
  readonly userName?: string;
  /** Of a session of a role. */
  readonly roleArn?: string;
  /** Of the user or role, and of the session, which win. */
  readonly tags?: Readonly<Record<string, string>>;
  /** No policies limit it: a function that nagare.yaml declares without a role. */
  readonly isUnlimited?: boolean;
  /** Of the function whose processes have the key. */
  readonly functionArn?: string;
  /** Of temporary credentials of STS, of a function, or of a service that acts with a role. */
  readonly session?: SessionFacts;
}

/** What policies can know of a session besides its identity. */
export interface SessionFacts {
  readonly issuedMs: number | undefined;
  /** Session policies: a document, and ARNs of managed policies. */
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
  readonly sourceIdentity: string | undefined;
  /** Condition keys that the session keeps, in lower case: those of the web identity that it was made for. */
  readonly keys?: Readonly<Record<string, readonly string[]>> | undefined;
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
  /** Called for each request whose signature with this key holds. */
  readonly used?: (scope: KeyUse) => void;
}

/** For what a key was used: region and signing name. */
export interface KeyUse {
  readonly region: string;
  readonly service: string;
}

export interface AccessKeys {
  /** `token` is the session token of the request. Undefined for a key that does not exist or has ended. */
  find(accessKeyId: string, token?: string): AccessKey | undefined | Promise<AccessKey | undefined>;
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
