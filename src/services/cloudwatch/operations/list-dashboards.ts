import type { ListDashboardsInput, ListDashboardsOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { pageTokens } from '../page-tokens.ts';
import { dashboardArn } from '../tagged-resources.ts';

const PAGE_SIZE = 1000;

/** Lists dashboards, ordered by name. */
export function listDashboards(
  { dashboards }: CloudWatchReads,
  input: Checked<ListDashboardsInput>,
  { accountId }: CallContext,
): ListDashboardsOutput {
  const { items, nextToken } = pageTokens.pageOf(
    'ListDashboards',
    dashboards.all(input.DashboardNamePrefix),
    ({ name }) => name,
    PAGE_SIZE,
    input.NextToken,
  );
  return {
    DashboardEntries: items.map(({ name, modifiedMs, bytes }) => ({
      DashboardName: name,
      DashboardArn: dashboardArn(accountId, name),
      LastModified: new Date(modifiedMs),
      Size: bytes,
    })),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}
