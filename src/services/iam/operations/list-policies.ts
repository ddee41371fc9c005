import type { ListPoliciesRequest, ListPoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { policySummary } from '../managed-policies.ts';
import type { ManagedPolicy } from '../managed-policy.ts';
import { pageOf } from '../paging.ts';
import { orderOf, policiesAfter } from '../policy-list.ts';

/** Lists managed policies: those of the account by name, then those of AWS that nagare has. */
export async function listPolicies(
  context: IamContext,
  input: Checked<ListPoliciesRequest>,
): Promise<ListPoliciesResponse> {
  const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter } = input;
  const { Marker, MaxItems } = input;
  const page = await pageOf('policies', { Marker, MaxItems }, (after) => listed(after), orderOf);
  const outputs = page.items.map((policy) => policySummary(context, policy));
  return { Policies: await Promise.all(outputs), ...page.end };

  async function* listed(after: string | undefined): AsyncGenerator<ManagedPolicy> {
    for await (const policy of policiesAfter(context, Scope, after)) {
      if (!policy.path.startsWith(PathPrefix)) continue;
      const counts = await context.store.policyCounts.get(policy.arn);
      if (OnlyAttached && counts === undefined) continue;
      if (PolicyUsageFilter === 'PermissionsPolicy' && (counts?.policy ?? 0) === 0) continue;
      if (PolicyUsageFilter === 'PermissionsBoundary' && (counts?.boundary ?? 0) === 0) continue;
      yield policy;
    }
  }
}
