import type { Policy, PolicyVersion } from '@aws-sdk/client-iam';
import { awsManagedPolicies, isAwsManaged } from './aws-managed-policies.ts';
import type { IamContext } from './context.ts';
import { encodeDocument } from './documents.ts';
import { policyNotFound, unmodifiable, versionNotFound } from './errors.ts';
import type { ManagedPolicy } from './managed-policy.ts';
import { arnOf } from './outputs.ts';
import type { PolicyRow, PolicyVersionRow } from './rows.ts';
import { tagsMember } from './tags.ts';

/** Undefined for an ARN that is no policy's. */
export async function findPolicy(context: IamContext, arn: string): Promise<ManagedPolicy | undefined> {
  if (isAwsManaged(arn)) return awsManagedPolicies.get(arn);
  const row = await findOwnPolicy(context, arn);
  return row === undefined ? undefined : { ...row, arn };
}

/** Throws NoSuchEntity. */
export async function policyOf(context: IamContext, arn: string): Promise<ManagedPolicy> {
  const policy = await findPolicy(context, arn);
  if (policy === undefined) throw policyNotFound(arn);
  return policy;
}

async function findOwnPolicy(context: IamContext, arn: string): Promise<PolicyRow | undefined> {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const row = await context.store.policies.find(name);
  return row !== undefined && arnOf(context, 'policy', row) === arn ? row : undefined;
}

/** A policy that can be changed. Throws NoSuchEntity, or UnmodifiableEntity for one of AWS's. */
export async function ownPolicyOf(context: IamContext, arn: string): Promise<PolicyRow> {
  if (awsManagedPolicies.has(arn)) {
    throw unmodifiable(`Policy ${arn} is managed by AWS and cannot be changed.`);
  }
  const row = await findOwnPolicy(context, arn);
  if (row === undefined) throw policyNotFound(arn);
  return row;
}

/** Throws NoSuchEntity. */
export function versionOf(policy: ManagedPolicy, versionId: string): PolicyVersionRow {
  const version = policy.versions.find(({ number }) => `v${number}` === versionId);
  if (version === undefined) throw versionNotFound(policy.arn, versionId);
  return version;
}

export function defaultDocument(policy: ManagedPolicy): string {
  return versionOf(policy, `v${policy.defaultVersion}`).document;
}

/** As in lists: without description and tags. */
export async function policySummary({ store }: IamContext, policy: ManagedPolicy): Promise<Policy> {
  const counts = await store.policyCounts.get(policy.arn);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: counts?.policy ?? 0,
    PermissionsBoundaryUsageCount: counts?.boundary ?? 0,
    IsAttachable: true,
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.updatedMs),
  };
}

export async function policyOutput(context: IamContext, policy: ManagedPolicy): Promise<Policy> {
  return {
    ...(await policySummary(context, policy)),
    ...(policy.description !== undefined && { Description: policy.description }),
    ...tagsMember(policy.tags),
  };
}

/** As in lists: without the document. */
export function versionSummary(
  { number, createdMs }: PolicyVersionRow,
  defaultVersion: number,
): PolicyVersion {
  return {
    VersionId: `v${number}`,
    IsDefaultVersion: number === defaultVersion,
    CreateDate: new Date(createdMs),
  };
}

export function versionOutput(version: PolicyVersionRow, defaultVersion: number): PolicyVersion {
  return { Document: encodeDocument(version.document), ...versionSummary(version, defaultVersion) };
}
