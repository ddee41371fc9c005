/** What STS needs to know of IAM. */
export interface Identities {
  /** The user that has an access key; undefined for a key that IAM does not know. */
  userWithKey(accessKeyId: string): Promise<KnownIdentity | undefined>;
  /** The role with that ARN. */
  role(arn: string): Promise<KnownRole | undefined>;
  hasPolicy(arn: string): Promise<boolean>;
}

export interface KnownIdentity {
  readonly id: string;
  readonly arn: string;
}

export interface KnownRole extends KnownIdentity {
  readonly name: string;
  readonly sessionSecondsMax: number;
}
