import type { Tags } from '../../aws/tags.ts';

/** What can have policies. */
export type PrincipalKind = 'user' | 'group' | 'role';

export interface EntityRow {
  /** Never used again, also when a later entity has the same name. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdMs: number;
}

export interface TaggedRow extends EntityRow {
  readonly tags: Tags;
}

export interface InlinePolicy {
  readonly name: string;
  /** As it was given. */
  readonly document: string;
}

export interface PrincipalRow extends EntityRow {
  readonly inline: readonly InlinePolicy[];
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

/** A principal that may have a permissions boundary: the ARN of a managed policy. */
export interface BoundedRow extends PrincipalRow, TaggedRow {
  readonly boundary?: string | undefined;
}

export interface UserRow extends BoundedRow {
  /** IDs of groups. */
  readonly groups: readonly string[];
}

export type GroupRow = PrincipalRow;

export interface RoleRow extends BoundedRow {
  /** The trust policy, as it was given. */
  readonly trust: string;
  readonly description?: string | undefined;
  readonly sessionSecondsMax: number;
}

export interface PolicyVersionRow {
  readonly number: number;
  readonly document: string;
  readonly createdMs: number;
}

export interface PolicyRow extends TaggedRow {
  readonly description?: string | undefined;
  readonly versions: readonly PolicyVersionRow[];
  readonly defaultVersion: number;
  /** Numbers of deleted versions are not used again. */
  readonly lastVersion: number;
  readonly updatedMs: number;
}

export interface InstanceProfileRow extends TaggedRow {
  /** The name of its role. */
  readonly role?: string | undefined;
}

/** An OpenID Connect provider, whose tokens `AssumeRoleWithWebIdentity` accepts. */
export interface OidcProviderRow {
  /** Without `https://`, as in its ARN. */
  readonly issuer: string;
  /** Audiences of tokens. */
  readonly clientIds: readonly string[];
  /** SHA-1 of certificates, in lower case. */
  readonly thumbprints: readonly string[];
  readonly tags: Tags;
  readonly createdMs: number;
}

/** Names are unique without regard to case. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}
