import type { DeleteDashboardsInput, DeleteDashboardsOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Deletes dashboards, all or none. */
export async function deleteDashboards(
  { dashboards }: CloudWatchContext,
  input: Checked<DeleteDashboardsInput>,
  _call: CallContext,
): Promise<DeleteDashboardsOutput> {
  await dashboards.delete(input.DashboardNames);
  return {};
}
