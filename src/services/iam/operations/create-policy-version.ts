import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { checkManagedPolicy } from '../documents.ts';
import { limitExceeded } from '../errors.ts';
import { iamLimits } from '../limits.ts';
import { ownPolicyOf, versionSummary } from '../managed-policies.ts';

/** Stores a version of a managed policy, which has at most five, optionally as its default one. */
export function createPolicyVersion(
  context: IamContext,
  input: Checked<CreatePolicyVersionRequest>,
): Promise<CreatePolicyVersionResponse> {
  const { store, clock } = context;
  const { PolicyArn, PolicyDocument: document, SetAsDefault = false } = input;
  return store.change(async (writes) => {
    const row = await ownPolicyOf(context, PolicyArn);
    checkManagedPolicy(document);
    if (row.versions.length >= iamLimits.policyVersionsMax) {
      throw limitExceeded(
        `A managed policy can have up to ${iamLimits.policyVersionsMax} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const version = { number: row.lastVersion + 1, document, createdMs: clock.now() };
    const defaultVersion = SetAsDefault ? version.number : row.defaultVersion;
    store.policies.patch(writes, row, {
      versions: [...row.versions, version],
      defaultVersion,
      lastVersion: version.number,
      updatedMs: version.createdMs,
    });
    return { PolicyVersion: versionSummary(version, defaultVersion) };
  });
}
