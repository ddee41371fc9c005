import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { policyOf, versionSummary } from '../managed-policies.ts';
import { pageOfList } from '../paging.ts';
import type { PolicyVersionRow } from '../rows.ts';

function latestFirst({ number }: PolicyVersionRow): string {
  return String(999_999_999 - number).padStart(9, '0');
}

/** Lists the versions of a managed policy, the latest first. */
export async function listPolicyVersions(
  context: IamContext,
  input: Checked<ListPolicyVersionsRequest>,
): Promise<ListPolicyVersionsResponse> {
  const { PolicyArn, Marker, MaxItems } = input;
  const { id, versions, defaultVersion } = await policyOf(context, PolicyArn);
  const page = await pageOfList(`versions of ${id}`, { Marker, MaxItems }, versions, latestFirst);
  return { Versions: page.items.map((version) => versionSummary(version, defaultVersion)), ...page.end };
}
