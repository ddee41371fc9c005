import type { GetTableVersionsRequest, GetTableVersionsResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { glueLimits } from '../limits.ts';
import { checkCatalog, pageTokens, refuseOptions } from '../request.ts';
import { fittingOf } from '../sizes.ts';
import { tableOutput } from '../table-output.ts';

/** Lists the stored versions of a table, latest first. */
export async function getTableVersions(
  context: GlueContext,
  input: Checked<GetTableVersionsRequest>,
): Promise<GetTableVersionsResponse> {
  const { CatalogId, DatabaseName, TableName, AuditContext, MaxResults = glueLimits.pageItemsMax } = input;
  checkCatalog(context, CatalogId);
  refuseOptions({ AuditContext });
  const table = context.catalog.table(DatabaseName, TableName);
  const kind = `versions ${table.id}`;
  const before = input.NextToken === undefined ? undefined : pageTokens.decode(kind, input.NextToken);
  if (before !== undefined && typeof before !== 'number') throw invalidInput('Invalid pagination token.');
  const rows = await context.catalog.versions(table, before, MaxResults + 1);
  const listed = rows.slice(0, Math.min(MaxResults, fittingOf(rows)));
  const last = listed.at(-1);
  return {
    TableVersions: listed.map((row) => ({ Table: tableOutput(context, row), VersionId: `${row.version}` })),
    ...(rows.length > listed.length && last !== undefined
      ? { NextToken: pageTokens.encode(kind, last.version) }
      : {}),
  };
}
