import type { Tags } from '../../aws/tags.ts';

/** What STS needs to know of IAM. */
export interface Identities {
  /** Another number after each change of IAM: until then, everything that was read of it holds. */
  readonly revision: number;
  /** The user that has an access key; undefined for a key that IAM does not know. */
  userWithKey(accessKeyId: string): Promise<KnownIdentity | undefined>;
  userWithId(id: string): Promise<KnownIdentity | undefined>;
  /** The role with that ARN. */
  role(arn: string): Promise<KnownRole | undefined>;
  hasPolicy(arn: string): Promise<boolean>;
  /** By its issuer, without `https://`. */
  oidcProvider(issuer: string): Promise<KnownOidcProvider | undefined>;
}

export interface KnownOidcProvider {
  readonly arn: string;
  /** Without `https://`. */
  readonly issuer: string;
  /** The audiences that its tokens may have. */
  readonly clientIds: readonly string[];
  /** Hex SHA-1 of certificates, in lower case. */
  readonly thumbprints: readonly string[];
}

export interface KnownIdentity {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly tags: Tags;
}

export interface KnownRole extends KnownIdentity {
  readonly sessionSecondsMax: number;
  /** Its trust policy. */
  readonly trust: string;
}
