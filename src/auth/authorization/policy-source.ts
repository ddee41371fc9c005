/** The policies of a user or role, as they are stored. */
export interface PoliciesOfPrincipal {
  /** Its own, those attached to it, and those of its groups. */
  readonly documents: readonly string[];
  /** Its permissions boundary. Undefined without one; empty if that policy does not exist. */
  readonly boundary: readonly string[] | undefined;
}

export interface StoredRole {
  /** AROA...: a role that is created again has another. */
  readonly id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Its trust policy. */
  readonly trust: string;
}

/** Where the policies of principals are stored. */
export interface PolicySource {
  /** Another number after each change: until then, everything that was read holds. */
  readonly revision: number;
  /** Undefined if there is no user with that ID. */
  ofUser(userId: string): Promise<PoliciesOfPrincipal | undefined>;
  /** Undefined if there is no such role. */
  ofRole(roleArn: string): Promise<PoliciesOfPrincipal | undefined>;
  /** The document of a managed policy in its default version. */
  managedPolicy(arn: string): Promise<string | undefined>;
  role(arn: string): Promise<StoredRole | undefined>;
}
