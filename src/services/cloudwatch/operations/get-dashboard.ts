import type { GetDashboardInput, GetDashboardOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { dashboardArn } from '../tagged-resources.ts';

/** Returns a dashboard as it was put. */
export async function getDashboard(
  { dashboards }: CloudWatchReads,
  { DashboardName: name }: Checked<GetDashboardInput>,
  { accountId }: CallContext,
): Promise<GetDashboardOutput> {
  return {
    DashboardArn: dashboardArn(accountId, name),
    DashboardBody: await dashboards.body(name),
    DashboardName: name,
  };
}
